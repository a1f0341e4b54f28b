// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// The last records of a task, in memory, with readers that may follow.
final class LogBuffer: Sendable {
  private struct State {
    var records: [LogRecord] = []
    /// The position of the first record that is still there.
    var base = 0
    var isFinished = false
    var news = Latch<Void>()

    var end: Int { self.base + self.records.count }
  }

  private enum Read {
    case record(LogRecord, next: Int)
    case wait(Latch<Void>, position: Int)
    case end
  }

  private let limit: Int
  private let state = Mutex(State())

  /// Creates a buffer that keeps at least the last `limit` records.
  init(limit: Int) {
    self.limit = max(limit, 1)
  }

  /// Adds a record.
  func append(_ record: LogRecord) {
    let news = self.state.withLock { state in
      guard !state.isFinished else { return Latch<Void>?.none }
      state.records.append(record)
      if state.records.count >= self.limit * 2 {
        let surplus = state.records.count - self.limit
        state.records.removeFirst(surplus)
        state.base += surplus
      }
      defer { state.news = Latch() }
      return state.news
    }
    news?.set(())
  }

  /// Nothing more is written: readers that follow come to an end.
  func finish() {
    let news = self.state.withLock { state in
      state.isFinished = true
      return state.news
    }
    news.set(())
  }

  /// A stream of what is there and, if asked for, of what comes.
  func stream(_ options: LogOptions) -> LogStream {
    LogStream { [self] in
      var position = self.begin(options)
      return {
        while true {
          switch self.read(at: position, options) {
          case .record(let record, let next):
            position = next
            return record
          case .wait(let news, let next):
            position = next
            try await news.wait()
          case .end:
            return nil
          }
        }
      }
    }
  }

  private func begin(_ options: LogOptions) -> Int {
    self.state.withLock { state in
      guard let tail = options.tail else { return state.base }
      var position = state.end
      var count = 0
      while position > state.base, count < tail {
        position -= 1
        if options.includes(state.records[position - state.base]) { count += 1 }
      }
      return position
    }
  }

  private func read(at start: Int, _ options: LogOptions) -> Read {
    self.state.withLock { state in
      var position = max(start, state.base)
      while position < state.end {
        let record = state.records[position - state.base]
        position += 1
        if options.includes(record) { return .record(record, next: position) }
      }
      return options.follow && !state.isFinished ? .wait(state.news, position: position) : .end
    }
  }
}
