// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import Swarm
internal import SwarmModel

/// The networks of the swarm, and those that every node has by itself.
///
/// Like Docker, the list has `bridge`, `host` and `none` as the node's own; those of the swarm by which services name them are shown only to who
/// asks for one of them with `scope=swarm`, or by its id.
struct NetworkRoutes: Sendable {
  let backend: any SwarmBackend

  var routes: [Route] {
    [
      Route(.get, "networks") { call in
        let filter = try NetworkFilter(call.query)
        var networks = LocalNetworks.all(of: self.backend.local.nodeID)
        // Clients look for networks before they create anything, also on a node outside of any swarm.
        if self.backend.local.controlAvailable {
          networks += try await self.backend.networks().filter { !$0.isPredefined }.map(\.apiValue)
        }
        return try .json(networks.filter(filter.matches))
      },
      Route(.post, "networks/create") { call in
        let spec = try NetworkSpec(call.decode(Engine.Network.self))
        if spec.annotations.name == "none" {
          throw APIFailure(status: 403, message: "operation is not permitted on predefined none network")
        }
        var answer = Engine.NetworkCreated()
        do {
          answer.id = try await self.backend.createNetwork(spec).description
        } catch let error as SwarmError where error.message == "network with name \(spec.annotations.name) already exists" {
          // Docker finds this out before it asks its control API, whose prefix is missing therefore.
          throw APIFailure(status: 409, message: error.message)
        }
        answer.warning = "no overlay runs yet: tasks of services on this network get no interface"
        return try .json(answer, status: 201)
      },
      Route(.post, "networks/prune", handler: self.prune),
      Route(.get, "networks/*", handler: self.inspect),
      Route(.delete, "networks/*") { call in
        if let network = LocalNetworks.find(call.reference, of: self.backend.local.nodeID) {
          let message = "\(network.name ?? "") is a pre-defined network and cannot be removed"
          throw APIFailure(status: 403, message: message)
        }
        try await self.backend.removeNetwork(call.reference)
        return EngineReply(status: 204)
      },
    ]
  }

  /// Removes what no service uses, and the mesh doesn't.
  private func prune(_ call: EngineCall) async throws -> EngineReply {
    let filters = try call.query.filters(allowing: ["label", "label!"])
    var removed: [String] = []
    let networks = self.backend.local.controlAvailable ? try await self.backend.networks() : []
    for network in networks where !network.isPredefined && !network.spec.ingress {
      let labels = network.spec.annotations.labels
      guard filters.require("label", where: labels.match), !filters["label!"].contains(where: labels.match) else { continue }
      do {
        try await self.backend.removeNetwork(network.id.description)
        removed.append(network.spec.annotations.name)
      } catch let error as SwarmError where error.code == .failedPrecondition || error.code == .notFound {
        // In use, or gone meanwhile.
      }
    }
    return try .json(["NetworksDeleted": removed])
  }

  private func inspect(_ call: EngineCall) async throws -> EngineReply {
    let scope = call.query["scope"] ?? ""
    if scope != "swarm", let network = LocalNetworks.find(call.reference, of: self.backend.local.nodeID) {
      return try .json(network)
    }
    guard self.backend.local.controlAvailable, scope.isEmpty || scope == "swarm" else {
      throw APIFailure.notFound("network \(call.reference) not found")
    }
    return try .json(await self.backend.network(call.reference).apiValue)
  }
}
