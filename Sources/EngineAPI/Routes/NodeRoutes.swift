// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

/// The nodes of the swarm.
struct NodeRoutes: Sendable {
  let backend: any SwarmBackend

  var routes: [Route] {
    [
      Route(.get, "nodes", handler: self.list),
      Route(.get, "nodes/*") { call in try .json(await self.backend.node(call.reference).apiValue) },
      Route(.post, "nodes/*/update", handler: self.update),
      Route(.delete, "nodes/*", handler: self.remove),
    ]
  }

  private func list(_ call: EngineCall) async throws -> EngineReply {
    let filter = try NodeFilter(call.query)
    return try .json(await self.backend.nodes().filter(filter.matches).map(\.apiValue))
  }

  private func update(_ call: EngineCall) async throws -> EngineReply {
    let version = try call.query.version(of: "node")
    let spec = try call.decode(Engine.NodeSpec.self)
    let node = try await self.backend.node(call.reference)
    try await self.backend.updateNode(node.id, version: version, spec: NodeSpec(spec, keeping: node.spec))
    return .empty
  }

  private func remove(_ call: EngineCall) async throws -> EngineReply {
    try await self.backend.removeNode(call.reference, force: call.query.flag("force"))
    return .empty
  }
}
