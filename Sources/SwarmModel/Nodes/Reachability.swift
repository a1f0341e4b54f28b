// SPDX-License-Identifier: Apache-2.0

/// Whether a manager's consensus member answers the leader.
public enum Reachability: Int32, Sendable, Hashable, CaseIterable {
  /// The leader doesn't know yet.
  case unknown = 0
  /// The member doesn't answer.
  case unreachable = 1
  /// The member answers.
  case reachable = 2
}
