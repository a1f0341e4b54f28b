// SPDX-License-Identifier: Apache-2.0

public import SwarmAgent
package import SwarmControl
public import SwarmModel

/// Whose logs are wanted.
public enum LogSubject: Sendable, Hashable {
  /// All tasks of a service, those that have ended included: a full id, a name, or the beginning of an id.
  case service(String)
  /// One task: a full id, or the beginning of one.
  case task(String)
}

/// One line that a task wrote.
public struct TaskLogLine: Sendable, Hashable {
  /// The task's service; `nil` for a task without one.
  public var service: ServiceID?
  /// The node that the task is on.
  public var node: NodeID
  /// Who wrote it.
  public var task: TaskID
  /// When it was written, by the node's clock.
  public var timestamp: Timestamp
  /// Where to.
  public var stream: LogRecord.Stream
  /// The line with its line feed, or a piece of a line that is very long or not finished.
  public var bytes: [UInt8]
  /// What the node's log driver says about it, for instance labels of the container.
  public var details: [String: String]

  /// Creates a line.
  public init(
    service: ServiceID?,
    node: NodeID,
    task: TaskID,
    timestamp: Timestamp,
    stream: LogRecord.Stream,
    bytes: [UInt8],
    details: [String: String] = [:]
  ) {
    self.service = service
    self.node = node
    self.task = task
    self.timestamp = timestamp
    self.stream = stream
    self.bytes = bytes
    self.details = details
  }

  /// The line as text, without its line feed.
  public var text: String {
    String(decoding: self.bytes.last == 0x0A ? self.bytes.dropLast() : self.bytes[...], as: UTF8.self)
  }

  package var message: LogMessage {
    LogMessage(
      service: self.service,
      node: self.node,
      task: self.task,
      time: self.timestamp,
      source: self.stream == .stdout ? .stdout : .stderr,
      bytes: self.bytes,
      attributes: self.details
    )
  }

  fileprivate init(_ message: LogMessage) {
    self.init(
      service: message.service,
      node: message.node,
      task: message.task,
      timestamp: message.time,
      stream: message.source == .stdout ? .stdout : .stderr,
      bytes: message.bytes,
      details: message.attributes
    )
  }
}

/// Lines of tasks on any nodes: in order for each task, in no order among several.
///
/// A reader that is slow slows down who sends; nothing is lost between nodes of swift-swarm. A worker that is Docker's own engine waits three
/// seconds, then lines are dropped and counted. Where something is missing, or a task's runtime keeps no logs, a line on ``LogRecord/Stream/stderr``
/// that begins with `[swarm]` says so. Without ``LogOptions/follow`` the sequence ends after the last line, with an error of code `dataLoss` when
/// a node couldn't be asked; with it, it ends when its reader is cancelled or no leader is found.
public struct SwarmLogs: AsyncSequence, Sendable {
  /// Lines.
  public typealias Element = TaskLogLine
  /// ``SwarmError``, or `CancellationError`.
  public typealias Failure = any Error

  private let reader: Reader

  package init(feed: LogFeed) {
    self.reader = Reader(feed: feed)
  }

  /// Starts reading; a sequence has one reader.
  public func makeAsyncIterator() -> Iterator {
    Iterator(reader: self.reader)
  }

  /// Reads lines.
  public struct Iterator: AsyncIteratorProtocol {
    fileprivate let reader: Reader
    private var batch: ArraySlice<LogMessage> = []

    fileprivate init(reader: Reader) {
      self.reader = reader
    }

    /// All lines that are there, waiting for one if there are none; `nil` at the end.
    package mutating func nextBatch() async throws -> [TaskLogLine]? {
      let rest = self.batch
      self.batch = []
      if !rest.isEmpty { return rest.map(TaskLogLine.init) }
      return try await self.reader.feed.next()?.map(TaskLogLine.init)
    }

    /// The next line; `nil` at the end.
    public mutating func next() async throws -> TaskLogLine? {
      while self.batch.isEmpty {
        guard let batch = try await self.reader.feed.next() else { return nil }
        self.batch = batch[...]
      }
      return self.batch.popFirst().map(TaskLogLine.init)
    }
  }

  /// Tells writers when nobody reads any more.
  fileprivate final class Reader: Sendable {
    let feed: LogFeed

    init(feed: LogFeed) {
      self.feed = feed
    }

    deinit {
      self.feed.cancel()
    }
  }
}

extension SwarmNode {
  /// What tasks wrote, wherever they are or were.
  ///
  /// - Parameters:
  ///   - subject: whose.
  ///   - options: which part of it; the number of last lines counts for each task.
  /// - Throws: ``SwarmError`` with code `notFound` when there is no such service or task, `notManager` or `notInSwarm`.
  public func logs(of subject: LogSubject, _ options: LogOptions = LogOptions()) async throws -> SwarmLogs {
    let manager = try self.manager()
    let store = try await manager.read()
    let selector =
      switch subject {
      case .service(let reference): LogSelector(services: [try store.resolveService(reference).id])
      case .task(let reference): LogSelector(tasks: [try store.resolveTask(reference).id])
      }
    let request = LogRequest(
      selector: selector,
      sources: Set(options.streams.map { $0 == .stdout ? .stdout : .stderr }),
      follow: options.follow,
      tail: options.tail.map { max(0, $0) },
      since: options.since
    )
    let feed = LogFeed(limit: LogReading.buffer)
    self.spawn { await LogReading.run(into: feed) { await manager.readLogs(request, into: feed) } }
    return SwarmLogs(feed: feed)
  }
}

/// Fetches lines for a reader of this node, until it has them all or has gone.
enum LogReading {
  /// How many bytes may wait for the reader.
  static let buffer = 256 << 10

  static func run(into feed: LogFeed, _ read: @escaping @Sendable () async -> Void) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await read() }
      group.addTask { try? await feed.readerGone() }
      await group.next()
      group.cancelAll()
    }
    // When the node ends, its readers do.
    feed.finish(throwing: SwarmError.nodeHasEnded)
  }
}
