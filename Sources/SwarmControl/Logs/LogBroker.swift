// SPDX-License-Identifier: Apache-2.0
package import SwarmModel

/// Which nodes the leader asks for logs, and when a subscription has got everything.
///
/// A value without clock or queues: lines pass by it, it only says who is to send them and what is missing. As in SwarmKit, a subscription that
/// doesn't follow ends when every node that has one of its tasks has said that nothing follows, and tells what it couldn't get; one that follows
/// never ends by itself, and asks nodes that get a task of it later. Beyond SwarmKit, a node that comes back while somebody follows goes on
/// behind the last line that came from it, and a node that goes away leaves a word among the lines.
package struct LogBroker: Sendable {
  /// What follows from an event.
  package enum Output: Sendable, Hashable {
    /// Tell a node.
    case order(NodeID, LogOrder)
    /// A line for a subscription from the swarm itself.
    case notice(LogSubscriptionID, LogMessage)
    /// A subscription is over; what it couldn't get, one sentence each.
    case finished(LogSubscriptionID, missing: [String])
  }

  /// One node's share of a subscription.
  private struct Share {
    enum State {
      /// The node doesn't listen.
      case away
      /// The node was told to publish.
      case open
      /// Nothing follows from it.
      case over
    }

    var state: State
    /// One of the node's tasks, for words about the node; `nil` when the node itself was selected.
    var task: (id: TaskID, service: ServiceID?)?
    /// The time of the newest line that came.
    var newest: Timestamp?
  }

  private struct Subscription {
    var request: LogRequest
    var shares: [NodeID: Share] = [:]
    var missing: [String] = []
    var isFinished = false
  }

  private var subscriptions: [LogSubscriptionID: Subscription] = [:]
  private var listening: Set<NodeID> = []

  package init() {}

  /// Whether anybody wants logs.
  package var isIdle: Bool { self.subscriptions.isEmpty }

  // MARK: - Subscribers

  /// Somebody wants logs.
  package mutating func subscribe(_ id: LogSubscriptionID, _ request: LogRequest, in store: Store) -> [Output] {
    var outputs: [Output] = []
    var subscription = Subscription(request: request)
    for task in Self.tasks(request.selector, in: store) {
      if let node = task.nodeID, !task.waitsForItsNode {
        self.include(node, task, in: &subscription, id, store, &outputs)
      } else if task.desiredState <= .running {
        subscription.missing.append("task \(task.id) has not been scheduled")
      }
    }
    for node in request.selector.nodes { self.include(node, nil, in: &subscription, id, store, &outputs) }
    Self.finish(&subscription, id, &outputs)
    self.subscriptions[id] = subscription
    return outputs
  }

  /// Nodes that don't listen have had time enough to begin: what they have is missing.
  package mutating func stopWaiting(_ id: LogSubscriptionID, time: Timestamp) -> [Output] {
    var outputs: [Output] = []
    self.change(id) { subscription in
      for node in subscription.shares.keys.sorted() where subscription.shares[node]?.state == .away {
        Self.lose(node, "node \(node) is not available", in: &subscription, id, time: time, &outputs)
      }
      Self.finish(&subscription, id, &outputs)
    }
    return outputs
  }

  /// The subscriber has got everything or has gone.
  package mutating func cancel(_ id: LogSubscriptionID) -> [Output] {
    guard let subscription = self.subscriptions.removeValue(forKey: id) else { return [] }
    return subscription.shares.keys.sorted().filter(self.listening.contains)
      .map { .order($0, LogOrder(subscription: id, request: nil)) }
  }

  // MARK: - Nodes

  /// A node listens, for the first time or again.
  package mutating func connected(_ node: NodeID) -> [Output] {
    self.listening.insert(node)
    var outputs: [Output] = []
    for id in self.subscriptions.keys.sorted() {
      self.change(id) { subscription in
        guard let share = subscription.shares[node] else { return }
        guard share.state != .over || subscription.request.follow else { return }
        Self.open(node, in: &subscription, id, &outputs)
      }
    }
    return outputs
  }

  /// A node doesn't listen any more.
  package mutating func disconnected(_ node: NodeID, time: Timestamp) -> [Output] {
    guard self.listening.remove(node) != nil else { return [] }
    var outputs: [Output] = []
    for id in self.subscriptions.keys.sorted() {
      self.change(id) { subscription in
        guard subscription.shares[node]?.state == .open else { return }
        Self.lose(node, "node \(node) disconnected unexpectedly", in: &subscription, id, time: time, &outputs)
        Self.finish(&subscription, id, &outputs)
      }
    }
    return outputs
  }

  /// A node published lines.
  ///
  /// - Throws: `notFound` when nobody wants them (any more), `permissionDenied` when they are another node's.
  package mutating func published(_ publication: LogPublication, by node: NodeID) throws(SwarmError) -> [Output] {
    let id = publication.subscription
    guard self.subscriptions[id]?.shares[node] != nil else {
      throw SwarmError(code: .notFound, message: "unknown subscription ID")
    }
    guard publication.messages.allSatisfy({ $0.node == node }) else {
      throw SwarmError(code: .permissionDenied, message: "nodes may only publish logs of their own")
    }
    var outputs: [Output] = []
    self.change(id) { subscription in
      guard var share = subscription.shares[node] else { return }
      share.newest = ([share.newest].compactMap(\.self) + publication.messages.map(\.time)).max()
      if publication.isLast { share.state = .over }
      subscription.shares[node] = share
      Self.finish(&subscription, id, &outputs)
    }
    return outputs
  }

  /// What a node published for a subscription ended without its saying that it is complete.
  package mutating func brokeOff(_ id: LogSubscriptionID, by node: NodeID, time: Timestamp) -> [Output] {
    var outputs: [Output] = []
    self.change(id) { subscription in
      guard subscription.shares[node]?.state == .open else { return }
      Self.lose(node, "node \(node) disconnected unexpectedly", in: &subscription, id, time: time, &outputs)
      Self.finish(&subscription, id, &outputs)
    }
    return outputs
  }

  /// The store changed: who follows wants to hear of tasks that came to a node.
  package mutating func apply(_ changes: ChangeSet, _ store: Store) -> [Output] {
    var outputs: [Output] = []
    for id in self.subscriptions.keys.sorted() where self.subscriptions[id]?.request.follow == true {
      for change in changes.tasks {
        guard let task = change.new, let node = task.nodeID, !task.waitsForItsNode,
          change.old.map({ $0.nodeID == nil || $0.waitsForItsNode }) ?? true, var subscription = self.subscriptions[id],
          subscription.request.selector.matches(task)
        else { continue }
        self.include(node, task, in: &subscription, id, store, &outputs)
        self.subscriptions[id] = subscription
      }
    }
    return outputs
  }

  // MARK: - Pieces

  private static func tasks(_ selector: LogSelector, in store: Store) -> [SwarmTask] {
    var tasks: [TaskID: SwarmTask] = [:]
    for service in selector.services { for task in store.tasks(of: service) { tasks[task.id] = task } }
    for node in selector.nodes { for task in store.tasks(on: node) { tasks[task.id] = task } }
    for id in selector.tasks { tasks[id] = store.task(id) }
    return tasks.sorted { $0.key < $1.key }.map(\.value)
  }

  private func include(
    _ node: NodeID,
    _ task: SwarmTask?,
    in subscription: inout Subscription,
    _ id: LogSubscriptionID,
    _ store: Store,
    _ outputs: inout [Output]
  ) {
    // A node that publishes already finds new tasks by itself.
    if let share = subscription.shares[node], share.state != .over || !subscription.request.follow { return }
    let newest = subscription.shares[node]?.newest
    subscription.shares[node] = Share(state: .away, task: task.map { ($0.id, $0.serviceID) }, newest: newest)
    if self.listening.contains(node) {
      Self.open(node, in: &subscription, id, &outputs)
    } else if store.node(node).map({ $0.status.state == .down }) ?? true {
      subscription.shares[node]?.state = .over
      subscription.missing.append("node \(node) is not available")
    }
  }

  private static func open(
    _ node: NodeID,
    in subscription: inout Subscription,
    _ id: LogSubscriptionID,
    _ outputs: inout [Output]
  ) {
    guard var share = subscription.shares[node] else { return }
    share.state = .open
    subscription.shares[node] = share
    let request = share.newest.map(subscription.request.continuing) ?? subscription.request
    outputs.append(.order(node, LogOrder(subscription: id, request: request)))
  }

  /// What a node still had is lost, or delayed when somebody follows.
  private static func lose(
    _ node: NodeID,
    _ reason: String,
    in subscription: inout Subscription,
    _ id: LogSubscriptionID,
    time: Timestamp,
    _ outputs: inout [Output]
  ) {
    guard var share = subscription.shares[node] else { return }
    share.state = subscription.request.follow ? .away : .over
    subscription.shares[node] = share
    if subscription.request.follow, let task = share.task {
      let text = "\(reason): its lines are missing until it is back"
      outputs.append(.notice(id, .notice(text, service: task.service, node: node, task: task.id, time: time)))
    } else {
      subscription.missing.append(reason)
    }
  }

  private static func finish(_ subscription: inout Subscription, _ id: LogSubscriptionID, _ outputs: inout [Output]) {
    guard !subscription.request.follow, !subscription.isFinished, subscription.shares.values.allSatisfy({ $0.state == .over })
    else { return }
    subscription.isFinished = true
    outputs.append(.finished(id, missing: subscription.missing))
  }

  private mutating func change(_ id: LogSubscriptionID, _ body: (inout Subscription) -> Void) {
    // In place: of a copy each of its nodes' shares would be copied, for every few lines that one of them publishes.
    guard let index = self.subscriptions.index(forKey: id) else { return }
    body(&self.subscriptions.values[index])
  }
}
