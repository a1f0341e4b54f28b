// SPDX-License-Identifier: Apache-2.0

/// How far a task is; observed states only move forward.
public enum TaskState: UInt16, Sendable, Hashable, CaseIterable, Comparable {
  /// The task was created.
  case new = 0
  /// The task's resources are allocated; it waits for a node.
  case pending = 64
  /// The task has a node.
  case assigned = 192
  /// The node took the task.
  case accepted = 256
  /// The node prepares the task, for example fetches its image.
  case preparing = 320
  /// The task is prepared and waits for its start.
  case ready = 384
  /// The task starts.
  case starting = 448
  /// The task runs.
  case running = 512
  /// The task ended with success.
  case complete = 576
  /// The task was stopped.
  case shutdown = 640
  /// The task ended with an error.
  case failed = 704
  /// The node could not run the task.
  case rejected = 768
  /// The task is to be removed; a desired state only.
  case remove = 800
  /// The task's node was gone for too long.
  case orphaned = 832

  /// Orders states by how far a task is.
  public static func < (left: Self, right: Self) -> Bool {
    left.rawValue < right.rawValue
  }
}
