// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

/// The filters of `GET /nodes`.
struct NodeFilter: Sendable {
  private let filters: EngineFilters

  init(_ query: Query) throws(APIFailure) {
    self.filters = try query.filters(allowing: ["id", "name", "label", "node.label", "membership", "role"])
    for role in self.filters["role"] where NodeRole.engineNames.value(role) == nil {
      throw .badRequest("Invalid role filter: '\(role)'")
    }
    for membership in self.filters["membership"] where NodeSpec.Membership.engineNames.value(membership) == nil {
      throw .badRequest("Invalid membership filter: '\(membership)'")
    }
  }

  func matches(_ node: Node) -> Bool {
    let hostname = node.description?.hostname ?? ""
    return self.filters.allow("id") { node.id.description.hasPrefix($0) }
      && self.filters.allow("name") { hostname.hasPrefix($0) || node.spec.annotations.name.hasPrefix($0) }
      && self.filters.require("label") { (node.description?.engine?.labels ?? [:]).match($0) }
      && self.filters.require("node.label") { node.spec.annotations.labels.match($0) }
      && self.filters.allow("membership") { NodeSpec.Membership.engineNames.value($0) == node.spec.membership }
      && self.filters.allow("role") { NodeRole.engineNames.value($0) == node.spec.desiredRole }
  }
}
