// SPDX-License-Identifier: Apache-2.0
package import SwarmModel

/// What names a subscription to logs.
package enum LogSubscriptionKind {}

/// Names a subscription to logs.
package typealias LogSubscriptionID = Identifier<LogSubscriptionKind>

/// Whose output is wanted: that of every task that one of the lists names.
package struct LogSelector: Sendable, Hashable {
  /// All tasks of these services.
  package var services: [ServiceID]
  /// All tasks on these nodes.
  package var nodes: [NodeID]
  /// These tasks.
  package var tasks: [TaskID]

  package init(services: [ServiceID] = [], nodes: [NodeID] = [], tasks: [TaskID] = []) {
    self.services = services
    self.nodes = nodes
    self.tasks = tasks
  }

  /// Whether a task's output is wanted.
  package func matches(_ task: SwarmTask) -> Bool {
    self.tasks.contains(task.id)
      || (task.serviceID.map { self.services.contains($0) } ?? false)
      || (task.nodeID.map { self.nodes.contains($0) } ?? false)
  }
}

/// Which stream of a task a piece of output was written to.
package enum LogSource: UInt8, Sendable, Hashable, CaseIterable {
  /// Standard output.
  case stdout = 1
  /// Standard error.
  case stderr = 2
}

/// Which output is wanted.
package struct LogRequest: Sendable, Hashable {
  /// Whose.
  package var selector: LogSelector
  /// Of which streams.
  package var sources: Set<LogSource>
  /// Whether to wait for what is still to be written, also by tasks that are still to come.
  package var follow: Bool
  /// How many of the last lines of each task to begin with; `nil` is all of them.
  package var tail: Int?
  /// Only what was written at this time or later.
  package var since: Timestamp?

  package init(
    selector: LogSelector,
    sources: Set<LogSource> = Set(LogSource.allCases),
    follow: Bool = false,
    tail: Int? = nil,
    since: Timestamp? = nil
  ) {
    self.selector = selector
    self.sources = sources
    self.follow = follow
    self.tail = tail
    self.since = since
  }

  /// What is still wanted after a line of this time.
  package func continuing(after time: Timestamp) -> LogRequest {
    var rest = self
    rest.since = time + .nanoseconds(1)
    rest.tail = nil
    return rest
  }
}
