// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

/// The networks of the swarm.
///
/// A node outside of any swarm has none; clients look for networks before they create anything.
struct NetworkRoutes: Sendable {
  let backend: any SwarmBackend

  var routes: [Route] {
    [
      Route(.get, "networks") { call in
        let filter = try SecretFilter(call.query)
        guard self.backend.local.controlAvailable else { return try .json([String]()) }
        let networks = try await self.backend.networks().filter { filter.matches($0.id, $0.spec.annotations) }
        return try .json(networks.map(\.apiValue))
      },
      Route(.post, "networks/create") { call in
        let spec = try NetworkSpec(call.decode(Engine.Network.self))
        var answer = Engine.NetworkCreated()
        answer.id = try await self.backend.createNetwork(spec).description
        answer.warning = "no overlay runs yet: tasks of services on this network get no interface"
        return try .json(answer, status: 201)
      },
      Route(.get, "networks/*") { call in
        guard self.backend.local.controlAvailable else { throw APIFailure.notFound("network \(call.reference) not found") }
        return try .json(await self.backend.network(call.reference).apiValue)
      },
      Route(.delete, "networks/*") { call in
        try await self.backend.removeNetwork(call.reference)
        return EngineReply(status: 204)
      },
    ]
  }
}
