// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import Swarm
import SwarmModel

/// Secrets, configs and networks, without the checks that a swarm makes.
extension ScriptedSwarm {
  func secrets() async throws -> [Secret] { try self.read { $0.secrets.values.sorted { $0.id < $1.id } } }

  func secret(_ reference: String) async throws -> Secret {
    try self.read { state in
      guard let secret = state.secrets.values.first(where: { $0.spec.annotations.name == reference || "\($0.id)" == reference })
      else { throw SwarmError(code: .notFound, message: "secret \(reference) not found") }
      return secret
    }
  }

  func createSecret(_ spec: SecretSpec) async throws -> SecretID {
    try spec.validate()
    return try self.write { state in
      let secret = Secret(id: state.ids.make(), meta: state.nextMeta(), spec: spec)
      state.secrets[secret.id] = secret
      return secret.id
    }
  }

  func updateSecret(_ id: SecretID, version: UInt64, spec: SecretSpec) async throws {
    try self.write { $0.secrets[id]?.spec.annotations.labels = spec.annotations.labels }
  }

  func removeSecret(_ reference: String) async throws {
    let id = try await self.secret(reference).id
    try self.write { $0.secrets[id] = nil }
  }

  func configs() async throws -> [Config] { try self.read { $0.configs.values.sorted { $0.id < $1.id } } }

  func config(_ reference: String) async throws -> Config {
    try self.read { state in
      guard let config = state.configs.values.first(where: { $0.spec.annotations.name == reference || "\($0.id)" == reference })
      else { throw SwarmError(code: .notFound, message: "config \(reference) not found") }
      return config
    }
  }

  func createConfig(_ spec: ConfigSpec) async throws -> ConfigID {
    try spec.validate()
    return try self.write { state in
      let config = Config(id: state.ids.make(), meta: state.nextMeta(), spec: spec)
      state.configs[config.id] = config
      return config.id
    }
  }

  func updateConfig(_ id: ConfigID, version: UInt64, spec: ConfigSpec) async throws {
    try self.write { $0.configs[id]?.spec.annotations.labels = spec.annotations.labels }
  }

  func removeConfig(_ reference: String) async throws {
    let id = try await self.config(reference).id
    try self.write { $0.configs[id] = nil }
  }

  func networks() async throws -> [Network] { try self.read { $0.networks.values.sorted { $0.id < $1.id } } }

  func network(_ reference: String) async throws -> Network {
    try self.read { state in
      guard let network = state.networks.values.first(where: { $0.spec.annotations.name == reference || "\($0.id)" == reference })
      else { throw SwarmError(code: .notFound, message: "network \(reference) not found") }
      return network
    }
  }

  func createNetwork(_ spec: NetworkSpec) async throws -> NetworkID {
    try self.write { state in
      let ipam = IPAMOptions(configs: [IPAMConfig(subnet: "10.0.0.0/24", gateway: "10.0.0.1")])
      let network = Network(
        id: state.ids.make(),
        meta: state.nextMeta(),
        spec: spec,
        driverState: Driver(name: "overlay"),
        ipam: ipam
      )
      state.networks[network.id] = network
      return network.id
    }
  }

  func removeNetwork(_ reference: String) async throws {
    let id = try await self.network(reference).id
    try self.write { $0.networks[id] = nil }
  }
}
