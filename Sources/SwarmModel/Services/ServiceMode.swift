// SPDX-License-Identifier: Apache-2.0

/// How many tasks a service has, and where.
public enum ServiceMode: Sendable, Hashable {
  /// A number of tasks anywhere.
  case replicated(replicas: UInt64)
  /// One task on each node.
  case global
  /// A number of runs to completion, some of them at the same time.
  case replicatedJob(maxConcurrent: UInt64, totalCompletions: UInt64)
  /// One run to completion on each node.
  case globalJob

  /// Whether tasks end by completing.
  public var isJob: Bool {
    switch self {
    case .replicated, .global: false
    case .replicatedJob, .globalJob: true
    }
  }

  /// Whether there is a task on each node.
  public var isGlobal: Bool {
    switch self {
    case .replicated, .replicatedJob: false
    case .global, .globalJob: true
    }
  }

  /// Whether the other mode is of the same kind; numbers don't count.
  public func isSameKind(as other: Self) -> Bool {
    self.isJob == other.isJob && self.isGlobal == other.isGlobal
  }
}
