// SPDX-License-Identifier: Apache-2.0

/// Where tasks may go.
public struct Placement: Sendable, Hashable {
  /// Conditions that a node must meet, as ``PlacementConstraint`` parses them; all must hold.
  public var constraints: [String]
  /// Wishes, the most important first.
  public var preferences: [PlacementPreference]
  /// Platforms that the task runs on; empty means all.
  public var platforms: [Platform]
  /// The most tasks of the service on one node; 0 means unlimited.
  public var maxReplicas: UInt64
  /// How tasks are distributed over the nodes that fit, after the preferences.
  public var strategy: Strategy
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    constraints: [String] = [],
    preferences: [PlacementPreference] = [],
    platforms: [Platform] = [],
    maxReplicas: UInt64 = 0,
    strategy: Strategy = .spread,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.constraints = constraints
    self.preferences = preferences
    self.platforms = platforms
    self.maxReplicas = maxReplicas
    self.strategy = strategy
    self.unknownFields = unknownFields
  }

  /// How tasks are distributed over nodes; docker only knows ``spread``.
  public enum Strategy: Int32, Sendable, Hashable, CaseIterable {
    /// As evenly as possible: the node with the fewest tasks of the service first, then the one with the fewest tasks.
    case spread = 0
    /// On as few nodes as possible: the node with the most processor time or memory reserved first.
    case binpack = 1
  }
}
