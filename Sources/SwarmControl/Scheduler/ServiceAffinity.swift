// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// Which services' tasks a task wants on its node, or doesn't: constraints on `service.name`.
///
/// It decides about new tasks alone; nobody has to leave a node because a neighbour came or went. A task also stays away from nodes whose
/// tasks don't want it.
struct ServiceAffinity: Sendable, Hashable {
  /// One of each of these lists has to run on the node.
  private(set) var wanted: [[String]] = []
  /// None of these may run on the node.
  private(set) var unwanted: [String] = []
  /// The constraints that say so.
  private(set) var sources: [PlacementConstraint] = []

  init() {}

  var isEmpty: Bool { self.sources.isEmpty }

  /// Takes the constraint when it is one on services.
  ///
  /// - Returns: Whether it is.
  mutating func take(_ constraint: PlacementConstraint) -> Bool {
    guard constraint.key.lowercased() == "service.name", constraint.comparison != .exists else { return false }
    self.sources.append(constraint)
    let names = constraint.values.map { $0.lowercased() }
    if constraint.comparison.isPositive {
      self.wanted.append(names)
    } else {
      self.unwanted += names
    }
    return true
  }
}
