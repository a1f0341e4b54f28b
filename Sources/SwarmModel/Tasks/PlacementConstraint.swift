// SPDX-License-Identifier: Apache-2.0

/// A condition that a node must meet to get a task, parsed from text such as `node.role==manager`.
///
/// Docker knows `==` and `!=`. Beyond it there are `key in (a, b)`, `key notin (a, b)` and `key exists`, and the key `service.name`: the node
/// must (or must not) run a task of that service.
public struct PlacementConstraint: Sendable, Hashable {
  /// What of the node is compared, as written: `node.id`, `node.hostname`, `node.labels.…` and so on.
  public var key: String
  /// How it is compared.
  public var comparison: Comparison
  /// What it is compared with: one value for `==` and `!=`, at least one for `in` and `notin`, none for `exists`.
  public var values: [String]

  /// A comparison operator.
  public enum Comparison: Sendable, Hashable {
    /// `==`
    case equal
    /// `!=`
    case notEqual
    /// `in`: equal to one of several values.
    case oneOf
    /// `notin`: equal to none of several values.
    case noneOf
    /// `exists`: there is a value at all, whatever it is.
    case exists

    /// Whether what is compared has to be among the values.
    package var isPositive: Bool { self == .equal || self == .oneOf || self == .exists }
  }

  /// The value of `==` and `!=`; the first of several, and empty for `exists`.
  public var value: String { self.values.first ?? "" }

  /// Creates a condition on one value.
  public init(key: String, comparison: Comparison, value: String) {
    self.init(key: key, comparison: comparison, values: [value])
  }

  /// Creates a condition.
  public init(key: String, comparison: Comparison, values: [String]) {
    self.key = key
    self.comparison = comparison
    self.values = values
  }
}

extension PlacementConstraint: CustomStringConvertible {
  /// The condition as it is written.
  public var description: String {
    switch self.comparison {
    case .equal: "\(self.key)==\(self.value)"
    case .notEqual: "\(self.key)!=\(self.value)"
    case .oneOf: "\(self.key) in (\(self.values.joined(separator: ", ")))"
    case .noneOf: "\(self.key) notin (\(self.values.joined(separator: ", ")))"
    case .exists: "\(self.key) exists"
    }
  }
}
