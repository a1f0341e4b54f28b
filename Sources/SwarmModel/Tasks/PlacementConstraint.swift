// SPDX-License-Identifier: Apache-2.0

/// A condition that a node must meet to get a task, parsed from text such as `node.role==manager`.
public struct PlacementConstraint: Sendable, Hashable {
  /// What of the node is compared, as written: `node.id`, `node.hostname`, `node.labels.…` and so on.
  public var key: String
  /// How it is compared.
  public var comparison: Comparison
  /// What it is compared with.
  public var value: String

  /// A comparison operator.
  public enum Comparison: Sendable, Hashable {
    /// `==`
    case equal
    /// `!=`
    case notEqual
  }

  /// Creates a condition.
  public init(key: String, comparison: Comparison, value: String) {
    self.key = key
    self.comparison = comparison
    self.value = value
  }
}
