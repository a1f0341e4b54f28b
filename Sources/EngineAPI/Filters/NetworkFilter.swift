// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

/// The filters of the list of networks; ids match by their beginning, names by any part.
struct NetworkFilter: Sendable {
  private let filters: EngineFilters

  init(_ query: Query) throws(APIFailure) {
    self.filters = try query.filters(allowing: ["id", "name", "label", "scope", "driver", "type", "dangling"])
    for type in self.filters["type"] where !["builtin", "custom"].contains(type) {
      throw .badRequest("invalid filter: 'type'='\(type)'")
    }
    let dangling = self.filters["dangling"]
    guard dangling.count <= 1 else { throw .badRequest("got more than one value for filter key \"dangling\"") }
    guard dangling.allSatisfy(["1", "true", "0", "false"].contains) else {
      throw .badRequest(#"invalid value for filter 'dangling', must be "true" (or "1"), or "false" (or "0")"#)
    }
  }

  func matches(_ network: Engine.Network) -> Bool {
    let (name, isBuiltIn) = (network.name ?? "", LocalNetworks.isOne(network.name ?? ""))
    return self.filters.allow("id") { network.id?.hasPrefix($0) ?? false }
      && self.filters.allow("name") { $0.isEmpty || name.contains($0) }
      && self.filters.require("label") { (network.labels ?? [:]).match($0) }
      && self.filters.allow("scope") { $0 == network.scope }
      && self.filters.allow("driver") { $0 == network.driver }
      && self.filters.allow("type") { ($0 == "builtin") == isBuiltIn }
      // What every node has by itself is never left over.
      && self.filters.allow("dangling") { ["1", "true"].contains($0) != isBuiltIn }
  }
}
