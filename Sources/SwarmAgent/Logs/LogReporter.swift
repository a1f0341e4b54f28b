// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import SwarmControl
internal import SwarmModel

/// Publishes the logs of this node's tasks that the leader asks for.
struct LogReporter: Sendable {
  /// How many bytes of a subscription may wait to be sent.
  static let buffer = 256 << 10

  let nodeID: NodeID
  /// The leader.
  let address: String
  let connector: any ManagerConnecting
  let runner: OperationRunner
  let clock: AgentClock
  let logger: Logger

  /// Does what the leader orders, until the task is cancelled: a failure costs no session.
  func run(_ manager: any DispatcherConnection) async throws {
    while true {
      do {
        try await self.obey(manager.logOrders(node: self.nodeID))
      } catch {
        try Task.checkCancellation()
        // A manager that has no logs won't have any later.
        if (error as? SwarmError)?.code == .unimplemented { try await Latch<Void>().wait() }
        self.logger.debug("no subscriptions to logs", metadata: ["reason": "\((error as? SwarmError)?.message ?? "\(error)")"])
      }
      try await self.clock.sleep(.seconds(1))
    }
  }

  private func obey(_ orders: AsyncThrowingStream<LogOrder, any Error>) async throws {
    try await withThrowingDiscardingTaskGroup { group in
      var running: [LogSubscriptionID: CancellableOperation<Void>] = [:]
      defer { group.cancelAll() }
      for try await order in orders {
        running.removeValue(forKey: order.subscription)?.cancel()
        guard let request = order.request else { continue }
        let operation = CancellableOperation<Void>()
        running[order.subscription] = operation
        group.addTask { await operation.run { await self.publish(request, for: order.subscription) } }
      }
    }
  }

  /// Publishes over a connection of its own, so that a reader who is slow keeps neither heartbeats nor other readers waiting.
  private func publish(_ request: LogRequest, for subscription: LogSubscriptionID) async {
    do {
      try await self.connector.withConnection(to: self.address, as: self.nodeID) { manager in
        try await manager.publishLogs(node: self.nodeID) { send in
          try await self.read(request) { try await send(LogPublication(subscription: subscription, messages: $0)) }
          try await send(LogPublication(subscription: subscription, messages: [], isLast: true))
        }
      }
    } catch {
      guard !Task.isCancelled else { return }
      self.logger.debug("logs can't be published", metadata: ["reason": "\((error as? SwarmError)?.message ?? "\(error)")"])
    }
  }

  private func read(_ request: LogRequest, _ send: @escaping @Sendable ([LogMessage]) async throws -> Void) async throws {
    let feed = LogFeed(limit: Self.buffer)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await self.readTasks(request, into: feed)
        feed.finish()
      }
      defer { group.cancelAll() }
      while let messages = try await feed.next() { try await send(messages) }
    }
  }

  private func readTasks(_ request: LogRequest, into feed: LogFeed) async throws {
    try await withThrowingDiscardingTaskGroup { group in
      let (present, news) = self.runner.watch()
      for entry in present where request.selector.matches(entry.task) {
        group.addTask { try await self.readTask(entry, request, into: feed) }
      }
      guard request.follow else { return }
      for await entry in news where request.selector.matches(entry.task) {
        group.addTask { try await self.readTask(entry, request, into: feed) }
      }
    }
  }

  private func readTask(_ entry: OperationRunner.Entry, _ request: LogRequest, into feed: LogFeed) async throws {
    let task = entry.task
    do {
      for try await record in entry.controller.logs(LogOptions(request)) {
        let message = LogMessage(
          service: task.serviceID,
          node: self.nodeID,
          task: task.id,
          time: record.timestamp,
          source: record.stream == .stdout ? .stdout : .stderr,
          bytes: record.bytes
        )
        try await feed.send([message])
      }
    } catch {
      if error is CancellationError || Task.isCancelled { throw error }
      // What a task that is gone has written is gone with it; of everything else the reader should hear.
      let failure = error as? RuntimeError
      guard failure?.code != .notFound, failure?.code != .cancelled else { return }
      let text = "no logs of this task: \(failure?.message ?? "\(error)")"
      let notice = LogMessage.notice(
        text,
        service: task.serviceID,
        node: self.nodeID,
        task: task.id,
        time: self.clock.time()
      )
      try await feed.send([notice])
    }
  }
}

extension LogOptions {
  fileprivate init(_ request: LogRequest) {
    self.init(
      follow: request.follow,
      tail: request.tail,
      since: request.since,
      streams: Set(request.sources.map { $0 == .stdout ? .stdout : .stderr })
    )
  }
}
