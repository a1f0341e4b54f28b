// SPDX-License-Identifier: Apache-2.0

/// What becomes of a node's tasks when its agent ends.
public enum TaskDisposition: Sendable, Hashable {
  /// They run on, for the next agent to adopt: right for a restart of the agent.
  case leaveRunning
  /// They are stopped within their grace periods: right when the node goes away.
  case stopTasks
}
