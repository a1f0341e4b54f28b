// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import DequeModule
internal import NIOCore
internal import NIOHTTP1
internal import SwarmAgent
internal import SwarmModel

/// Reads the log of one container for one reader.
final class LogCursor {
  private enum Stage {
    case beginning
    case reading(HTTPClientResponse.Body.AsyncIterator)
    case ended
  }

  private let container: String
  private let node: OpenEngine
  private let options: LogOptions
  private var stage = Stage.beginning
  private var frames = LogFrames(hasTerminal: false)
  private var ready: Deque<LogRecord> = []

  init(container: String, node: OpenEngine, options: LogOptions) {
    self.container = container
    self.node = node
    self.options = options
  }

  /// The next record; `nil` at the end.
  func next() async throws -> LogRecord? {
    while true {
      if let record = self.ready.popFirst() { return record }
      switch self.stage {
      case .beginning: try await self.begin()
      case .reading(var iterator):
        let bytes: ByteBuffer?
        do {
          bytes = try await iterator.next(isolation: #isolation)
        } catch {
          throw self.node.engine.explain(error)
        }
        guard let bytes else {
          self.stage = .ended
          if let last = self.frames.finish() { self.ready.append(last) }
          continue
        }
        self.stage = .reading(iterator)
        self.ready.append(contentsOf: try self.frames.read(bytes.readableBytesView).filter(self.options.includes))
      case .ended: return nil
      }
    }
  }

  private func begin() async throws {
    guard let container = try await self.started() else {
      self.stage = .ended
      return
    }
    self.frames = LogFrames(hasTerminal: container.hasTerminal)
    var since = self.options.since
    var tail = self.options.tail.map { max(0, $0) }
    // The engine counts the last records of everything that was written; of a part of it they are counted here.
    if let count = tail, since != nil || self.options.streams.count < LogRecord.Stream.allCases.count {
      let (last, end) = try await self.lastRecords(count, of: container)
      self.ready.append(contentsOf: last)
      guard self.options.follow else {
        self.stage = .ended
        return
      }
      since = end.map { $0 + .nanoseconds(1) } ?? since
      tail = nil
    }
    let body = try await self.open(container, since: since, tail: tail, follow: self.options.follow)
    self.stage = .reading(body.makeAsyncIterator())
  }

  /// The last records that are wanted, and the time of the last record of all.
  private func lastRecords(_ count: Int, of container: ContainerState) async throws -> (last: Deque<LogRecord>, end: Timestamp?) {
    var last: Deque<LogRecord> = []
    var end: Timestamp?
    var frames = LogFrames(hasTerminal: container.hasTerminal)
    func keep(_ record: LogRecord) {
      end = record.timestamp
      guard self.options.includes(record) else { return }
      last.append(record)
      if last.count > count { last.removeFirst() }
    }
    let body = try await self.open(container, since: self.options.since, tail: nil, follow: false)
    try await self.node.engine.translated {
      for try await bytes in body {
        for record in try frames.read(bytes.readableBytesView) { keep(record) }
      }
    }
    if let record = frames.finish() { keep(record) }
    return (last, end)
  }

  private func open(
    _ container: ContainerState,
    since: Timestamp?,
    tail: Int?,
    follow: Bool
  ) async throws -> HTTPClientResponse.Body {
    var query = [("stdout", "1"), ("stderr", "1"), ("timestamps", "1")]
    if follow { query.append(("follow", "1")) }
    if let tail { query.append(("tail", String(tail))) }
    if let since, since > .zero {
      let (seconds, nanoseconds) = since.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
      let digits = String(nanoseconds)
      query.append(("since", "\(seconds).\(String(repeating: "0", count: 9 - digits.utf8.count))\(digits)"))
    }
    do {
      return try await self.node.engine.stream(.GET, "/containers/\(container.id)/logs", query)
    } catch let error as EngineFailure {
      throw error.runtimeError
    }
  }

  /// The container once it was started; `nil` when it is gone, or, without following, when it wasn't started.
  private func started() async throws -> ContainerState? {
    var wasSeen = false
    for await _ in self.node.events.wakes(for: self.container) {
      let container = try await self.node.container(self.container)
      if let container, container.wasStarted { return container }
      if !self.options.follow || (wasSeen && container == nil) { return nil }
      wasSeen = wasSeen || container != nil
    }
    throw CancellationError()
  }
}
