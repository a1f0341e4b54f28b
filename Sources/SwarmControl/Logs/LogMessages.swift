// SPDX-License-Identifier: Apache-2.0
package import SwarmModel

/// One line that a task wrote, on its way to who asked for it.
package struct LogMessage: Sendable, Hashable {
  /// The task's service; `nil` for a task without one.
  package var service: ServiceID?
  /// Where the task runs.
  package var node: NodeID
  /// Who wrote it.
  package var task: TaskID
  /// When it was written.
  package var time: Timestamp
  /// Where to.
  package var source: LogSource
  /// The line, with its line feed if it is complete.
  package var bytes: [UInt8]
  /// What the node's log driver says about it.
  package var attributes: [String: String]

  package init(
    service: ServiceID?,
    node: NodeID,
    task: TaskID,
    time: Timestamp,
    source: LogSource,
    bytes: [UInt8],
    attributes: [String: String] = [:]
  ) {
    self.service = service
    self.node = node
    self.task = task
    self.time = time
    self.source = source
    self.bytes = bytes
    self.attributes = attributes
  }

  /// A word of the swarm itself where lines of a task are missing; among the task's errors, so that whoever reads on sees it.
  package static func notice(
    _ text: String,
    service: ServiceID?,
    node: NodeID,
    task: TaskID,
    time: Timestamp
  ) -> LogMessage {
    LogMessage(service: service, node: node, task: task, time: time, source: .stderr, bytes: Array("[swarm] \(text)\n".utf8))
  }
}

/// What a node is told about a subscription.
package struct LogOrder: Sendable, Hashable {
  /// Which subscription.
  package var subscription: LogSubscriptionID
  /// What to publish; `nil` to stop.
  package var request: LogRequest?

  package init(subscription: LogSubscriptionID, request: LogRequest?) {
    self.subscription = subscription
    self.request = request
  }
}

/// What a node publishes for a subscription.
package struct LogPublication: Sendable, Hashable {
  /// Which subscription.
  package var subscription: LogSubscriptionID
  /// Lines, in the order of each task.
  package var messages: [LogMessage]
  /// Whether nothing follows.
  package var isLast: Bool

  package init(subscription: LogSubscriptionID, messages: [LogMessage], isLast: Bool = false) {
    self.subscription = subscription
    self.messages = messages
    self.isLast = isLast
  }
}
