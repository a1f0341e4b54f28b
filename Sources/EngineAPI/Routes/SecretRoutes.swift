// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

/// The secrets and configs of the swarm.
struct SecretRoutes: Sendable {
  let backend: any SwarmBackend

  var routes: [Route] {
    [
      Route(.get, "secrets") { call in
        let filter = try SecretFilter(call.query)
        let secrets = try await self.backend.secrets().filter { filter.matches($0.id, $0.spec.annotations) }
        return try .json(secrets.map(\.apiValue))
      },
      Route(.post, "secrets/create") { call in
        let spec = SecretSpec(try call.decode(Engine.SecretSpec.self))
        return try .created(await self.backend.createSecret(spec).description)
      },
      Route(.get, "secrets/*") { call in try .json(await self.backend.secret(call.reference).apiValue) },
      Route(.post, "secrets/*/update") { call in
        let version = try call.query.version(of: "secret")
        let spec = SecretSpec(try call.decode(Engine.SecretSpec.self))
        let secret = try await self.backend.secret(call.reference)
        try await self.backend.updateSecret(secret.id, version: version, spec: spec)
        return .empty
      },
      Route(.delete, "secrets/*") { call in
        try await self.backend.removeSecret(call.reference)
        return EngineReply(status: 204)
      },
      Route(.get, "configs") { call in
        let filter = try SecretFilter(call.query)
        let configs = try await self.backend.configs().filter { filter.matches($0.id, $0.spec.annotations) }
        return try .json(configs.map(\.apiValue))
      },
      Route(.post, "configs/create") { call in
        let spec = ConfigSpec(try call.decode(Engine.SecretSpec.self))
        return try .created(await self.backend.createConfig(spec).description)
      },
      Route(.get, "configs/*") { call in try .json(await self.backend.config(call.reference).apiValue) },
      Route(.post, "configs/*/update") { call in
        let version = try call.query.version(of: "config")
        let spec = ConfigSpec(try call.decode(Engine.SecretSpec.self))
        let config = try await self.backend.config(call.reference)
        try await self.backend.updateConfig(config.id, version: version, spec: spec)
        return .empty
      },
      Route(.delete, "configs/*") { call in
        try await self.backend.removeConfig(call.reference)
        return EngineReply(status: 204)
      },
    ]
  }
}

extension EngineReply {
  fileprivate static func created(_ id: String) throws -> Self {
    var answer = Engine.Created()
    answer.id = id
    return try .json(answer, status: 201)
  }
}
