// SPDX-License-Identifier: Apache-2.0

/// What a node does in the cluster.
public enum NodeRole: Int32, Sendable, Hashable, CaseIterable {
  /// The node only runs tasks.
  case worker = 0
  /// The node takes part in consensus, and runs tasks as well.
  case manager = 1
}
