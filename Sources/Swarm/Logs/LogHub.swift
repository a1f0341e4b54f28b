// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import NIOPosix
internal import SwarmAgent
package import SwarmControl
package import SwarmModel
package import SwarmWire
internal import Synchronization

/// Carries the lines of tasks from the nodes that publish them to who subscribed; what that takes, a ``LogBroker`` decides.
///
/// Used on the leader only: followers pass subscriptions on to it.
package final class LogHub: Sendable {
  /// How many bytes may wait for a subscriber.
  static let buffer = 2 << 20
  /// How long to wait for a node that should listen, and doesn't.
  static let patience = Duration.seconds(3)

  private struct State {
    var broker = LogBroker()
    var listeners: [NodeID: (number: UInt64, orders: AsyncThrowingStream<LogOrder, any Error>.Continuation)] = [:]
    var subscribers: [LogSubscriptionID: LogFeed] = [:]
    /// Lines that were dropped since the subscriber read last, and that it hasn't been told of.
    var dropped: [LogSubscriptionID: Int] = [:]
    var ids = IdentifierGenerator(seed: .random(in: 0 ... .max))
    var lastListener: UInt64 = 0
  }

  private let stallLimit: Duration
  private let time: @Sendable () -> Timestamp
  private let state = Mutex(State())

  /// Creates a hub without nodes and subscribers.
  ///
  /// - Parameters:
  ///   - stallLimit: how long lines may wait for a reader before they are dropped, when a node's heartbeats wait behind them.
  ///   - time: the wall clock.
  package init(stallLimit: Duration = .seconds(3), time: @escaping @Sendable () -> Timestamp) {
    self.stallLimit = stallLimit
    self.time = time
  }

  // MARK: - Nodes

  /// A node wants to hear what to publish; of two streams of a node the newer one counts.
  package func listen(_ node: NodeID) -> AsyncThrowingStream<LogOrder, any Error> {
    let (stream, continuation) = AsyncThrowingStream<LogOrder, any Error>.makeStream()
    let (number, older) = self.change { state in
      state.lastListener += 1
      let number = state.lastListener
      let older = state.listeners.updateValue((number, continuation), forKey: node)?.orders
      return ((number, older), state.broker.connected(node))
    }
    continuation.onTermination = { _ in
      // Elsewhere: a task that is being cancelled can't be woken, and whoever holds the lock may be waking it with an order.
      MultiThreadedEventLoopGroup.singleton.any().execute { self.left(node, number) }
    }
    older?.finish()
    return stream
  }

  /// A node's stream has ended.
  private func left(_ node: NodeID, _ number: UInt64) {
    self.change { state in
      guard state.listeners[node]?.number == number else { return ((), []) }
      state.listeners[node] = nil
      return ((), state.broker.disconnected(node, time: self.time()))
    }
  }

  /// Hands lines of a node to their subscriber.
  ///
  /// - Throws: `notFound` when there is none any more.
  package func publish(_ publication: LogPublication, node: NodeID, patience: LogPatience) async throws {
    let id = publication.subscription
    guard let feed = self.state.withLock({ $0.subscribers[id] }) else {
      throw SwarmError(code: .notFound, message: "unknown subscription ID")
    }
    // Before the node's end is taken in: it may end the subscription.
    if !publication.messages.isEmpty {
      switch patience {
      case .endless: try await feed.send(publication.messages)
      case .limited: try await self.send(publication.messages, id, to: feed)
      }
    }
    try self.change { state throws(SwarmError) in ((), try state.broker.published(publication, by: node)) }
  }

  /// What a node published for a subscription broke off.
  package func broke(off id: LogSubscriptionID, node: NodeID) {
    self.change { state in ((), state.broker.brokeOff(id, by: node, time: self.time())) }
  }

  /// The store changed.
  package func apply(_ changes: ChangeSet, _ store: Store) {
    guard !changes.tasks.isEmpty else { return }
    self.change { state in
      guard !state.broker.isIdle else { return ((), []) }
      return ((), state.broker.apply(changes, store))
    }
  }

  // MARK: - Subscribers

  /// Hands out logs until all of them are handed out.
  ///
  /// - Parameter store: read when no change can come between it and the subscription.
  /// - Throws: `dataLoss` when some couldn't be had, `unavailable` when this manager stops leading.
  package func subscribe(
    _ request: LogRequest,
    in store: @Sendable () -> Store,
    receive: @escaping @Sendable ([LogMessage]) async throws -> Void
  ) async throws {
    let feed = LogFeed(limit: Self.buffer)
    let id = self.change { state in
      let id: LogSubscriptionID = state.ids.make()
      state.subscribers[id] = feed
      return (id, state.broker.subscribe(id, request, in: store()))
    }
    defer {
      feed.cancel()
      self.change { state in
        state.subscribers[id] = nil
        state.dropped[id] = nil
        return ((), state.broker.cancel(id))
      }
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await Task.sleep(for: Self.patience)
        self.change { state in ((), state.broker.stopWaiting(id, time: self.time())) }
      }
      defer { group.cancelAll() }
      while let messages = try await feed.next() { try await receive(messages) }
    }
  }

  /// This manager leads no more: nodes and subscribers look for the next leader.
  package func stop() {
    let (listeners, subscribers) = self.state.withLock { state in
      defer { (state.broker, state.listeners, state.subscribers, state.dropped) = (LogBroker(), [:], [:], [:]) }
      return (state.listeners, state.subscribers)
    }
    for listener in listeners.values { listener.orders.finish(throwing: SwarmError.notLeading) }
    for feed in subscribers.values { feed.finish(throwing: SwarmError.notLeading) }
  }

  // MARK: - Pieces

  /// Changes the broker and carries out what follows.
  @discardableResult
  private func change<Result: Sendable, Failure: Error>(
    _ body: (inout State) throws(Failure) -> (Result, [LogBroker.Output])
  ) throws(Failure) -> Result {
    // In the lock, so that nodes get orders in the order of the decisions; nothing here waits.
    try self.state.withLock { state throws(Failure) in
      let (result, outputs) = try body(&state)
      for output in outputs { Self.carryOut(output, in: state) }
      return result
    }
  }

  private static func carryOut(_ output: LogBroker.Output, in state: State) {
    switch output {
    case .order(let node, let order): state.listeners[node]?.orders.yield(order)
    // A word without room for it is no loss worth waiting for.
    case .notice(let id, let message): _ = state.subscribers[id]?.offer([message])
    case .finished(let id, let missing):
      state.subscribers[id]?.finish(throwing: missing.isEmpty ? nil : SwarmError.incompleteLogs(missing))
    }
  }

  private func send(_ messages: [LogMessage], _ id: LogSubscriptionID, to feed: LogFeed) async throws {
    if feed.offer(self.withDropNote(messages, id)) {
      self.state.withLock { $0.dropped[id] = nil }
      return
    }
    // Whoever let lines be dropped is waited for no more, until it reads again.
    if self.state.withLock({ $0.dropped[id] == nil }), try await Self.send(messages, to: feed, within: self.stallLimit) { return }
    self.state.withLock { $0.dropped[id, default: 0] += messages.count }
  }

  private static func send(_ messages: [LogMessage], to feed: LogFeed, within limit: Duration) async throws -> Bool {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await feed.send(messages)
        return true
      }
      group.addTask {
        try await Task.sleep(for: limit)
        return false
      }
      defer { group.cancelAll() }
      return try await group.next() ?? false
    }
  }

  /// The lines, with a word in front when some before them were dropped.
  private func withDropNote(_ messages: [LogMessage], _ id: LogSubscriptionID) -> [LogMessage] {
    guard let count = self.state.withLock({ $0.dropped[id] }), let first = messages.first else { return messages }
    let text = "\(count) line\(count == 1 ? " was" : "s were") dropped because they were read too slowly"
    return [.notice(text, service: first.service, node: first.node, task: first.task, time: first.time)] + messages
  }
}

extension SwarmError {
  /// Docker's sentence for logs of which some couldn't be had.
  static func incompleteLogs(_ reasons: [String]) -> SwarmError {
    SwarmError(
      code: .dataLoss,
      message: "warning: incomplete log stream. some logs could not be retrieved for the following reasons: "
        + reasons.joined(separator: ", ")
    )
  }
}
