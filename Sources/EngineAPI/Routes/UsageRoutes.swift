// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

/// What nodes and tasks use at this moment; asked of the nodes when somebody asks here, and never before.
struct UsageRoutes: Sendable {
  let backend: any SwarmBackend

  var routes: [Route] { [Route(.get, "stats", handler: self.stats)] }

  /// Of all nodes; or of those that are named, and of those with tasks of the services that are named, of which only these tasks are told then.
  private func stats(_ call: EngineCall) async throws -> EngineReply {
    let filters = try call.query.filters(allowing: ["node", "service"])
    var nodes: Set<NodeID> = []
    for reference in filters["node"] { nodes.insert(try await self.backend.node(reference).id) }
    var services: Set<ServiceID> = []
    for reference in filters["service"] { services.insert(try await self.backend.service(reference).id) }
    let tasks = services.isEmpty ? [] : try await self.backend.tasks().filter { $0.serviceID.map(services.contains) ?? false }
    let places = Set(tasks.filter { $0.status.state == .running }.compactMap(\.nodeID))
    let wanted = nodes.union(places)
    guard filters.isEmpty || !wanted.isEmpty else { return try .json([Engine.NodeUsage]()) }
    var usages = try await self.backend.usages(of: filters.isEmpty ? [] : wanted.sorted())
    let ids = Set(tasks.map(\.id))
    for position in usages.indices where !filters.isEmpty && !nodes.contains(usages[position].node) {
      usages[position].tasks.removeAll { !ids.contains($0.task) }
    }
    return try .json(usages.map(\.apiValue))
  }
}
