// SPDX-License-Identifier: Apache-2.0

package import SwarmControl
internal import Synchronization

/// Lines on their way from any number of writers to one reader, who takes all that wait at once.
///
/// What waits is bounded: a writer waits, too, when there is no room. So nothing is lost on the way, and a slow reader slows writers down.
package final class LogFeed: Sendable {
  private struct State {
    var messages: [LogMessage] = []
    var bytes = 0
    var end: Result<Void, any Error>?
    var isReaderGone = false
    /// Set when there is something to read.
    var news = Latch<Void>()
    /// Set when there is room.
    var room = Latch<Void>()
  }

  private let limit: Int
  private let state = Mutex(State())
  private let gone = Latch<Void>()

  /// Creates a feed.
  ///
  /// - Parameter limit: how many bytes may wait; the batch that goes beyond is still taken.
  package init(limit: Int) {
    self.limit = limit
  }

  // MARK: - Writers

  /// Puts lines in, as soon as there is room.
  ///
  /// - Throws: `CancellationError` when the reader has gone or the task is cancelled.
  package func send(_ messages: [LogMessage]) async throws {
    while let room = self.admit(messages) { try await room.wait() }
    if self.state.withLock(\.isReaderGone) { throw CancellationError() }
  }

  /// Puts lines in if there is room now; after the end, and when the reader has gone, they are let go.
  ///
  /// - Returns: whether there was room.
  package func offer(_ messages: [LogMessage]) -> Bool {
    self.admit(messages) == nil
  }

  /// Puts lines in; when there is no room, returns what to wait for.
  private func admit(_ messages: [LogMessage]) -> Latch<Void>? {
    let (news, room): (Latch<Void>?, Latch<Void>?) = self.state.withLock { state in
      guard !state.isReaderGone, state.end == nil else { return (nil, nil) }
      guard state.bytes < self.limit else { return (nil, state.room) }
      state.messages += messages
      state.bytes += messages.reduce(0) { $0 + $1.cost }
      return (state.news, nil)
    }
    news?.set(())
    return room
  }

  /// Nothing more comes.
  package func finish(throwing error: (any Error)? = nil) {
    let latches = self.state.withLock { state in
      if state.end == nil { state.end = error.map { .failure($0) } ?? .success(()) }
      return [state.news, state.room]
    }
    for latch in latches { latch.set(()) }
  }

  /// Waits until the reader has gone.
  package func readerGone() async throws {
    try await self.gone.wait()
  }

  // MARK: - The reader

  /// All that waits; when there is nothing, it is waited for.
  ///
  /// `nil` at the end.
  package func next() async throws -> [LogMessage]? {
    while true {
      let news: Latch<Void>
      switch self.state.withLock({ Self.take(&$0) }) {
      case .messages(let messages, let room):
        room.set(())
        return messages
      case .end: return nil
      case .failure(let error): throw error
      case .wait(let latch): news = latch
      }
      try await news.wait()
    }
  }

  /// The reader wants no more: writers are told.
  package func cancel() {
    let room = self.state.withLock { state in
      state.isReaderGone = true
      state.messages = []
      return state.room
    }
    room.set(())
    self.gone.set(())
  }

  private enum Taken {
    case messages([LogMessage], room: Latch<Void>)
    case wait(Latch<Void>)
    case end
    case failure(any Error)
  }

  private static func take(_ state: inout State) -> Taken {
    if !state.messages.isEmpty {
      let messages = state.messages
      state.messages = []
      state.bytes = 0
      defer { state.room = Latch() }
      return .messages(messages, room: state.room)
    }
    switch state.end {
    case .success?: return .end
    case .failure(let error)?: return .failure(error)
    case nil:
      if state.news.value != nil { state.news = Latch() }
      return .wait(state.news)
    }
  }
}

extension LogMessage {
  /// About how much memory it takes.
  fileprivate var cost: Int { self.bytes.count + 128 }
}
