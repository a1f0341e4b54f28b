// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

/// What the loop that owns the worker is told by all others.
enum AgentMessage: Sendable {
  /// A session is open.
  case sessionOpened(SessionLink)
  /// The session of this number is over.
  case sessionClosed(UInt64)
  /// Something for the worker that came with the session of this number; it counts only while that session is
  /// open.
  case session(UInt64, Worker.Event)
  /// An operation ended.
  case ended(TaskOperation, TaskOperation.Outcome)
  /// What managers were told of the node may not be so any more.
  case nodeChanged
  /// A time has come that the worker asked for.
  case wake
  /// The agent is to end.
  case stop(TaskDisposition)
}
