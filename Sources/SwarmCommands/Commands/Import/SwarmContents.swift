// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// What a swarm has that another one can take over.
struct SwarmContents: Sendable {
  /// The swarm's own id.
  var id: String?
  /// The swarm's networks, without those that exist on every machine.
  var networks: [Engine.Network] = []
  /// The networks that services name and that exist on every machine, by their ids: `host`, `bridge`.
  var predefined: [String: String] = [:]
  var configs: [Engine.Secret] = []
  /// Without their contents, which no swarm tells.
  var secrets: [Engine.Secret] = []
  var nodes: [Engine.Node] = []
  /// As they were read: a later API may say more than we know.
  var services: [JSONValue] = []

  init() {}

  /// Reads everything through one manager.
  ///
  /// - Throws: `CommandFailure` when it isn't a manager, or can't be reached.
  init(readFrom client: EngineClient) async throws {
    do {
      self.id = try await client.swarm().id
      let networks: [Engine.Network] = try await client.get("/networks", [("filters", #"{"scope":{"swarm":true}}"#)])
      self.networks = networks.filter { $0.scope == "swarm" && !$0.isPredefined }
      self.configs = try await client.get("/configs")
      self.secrets = try await client.get("/secrets")
      self.nodes = try await client.nodes()
      self.services = try await client.get("/services")
      self.predefined = try await self.readPredefined(client)
    } catch let error as DaemonError {
      throw CommandFailure("the swarm at \(client.host) can't be read: \(error.message)")
    }
  }

  /// Docker lists these networks only to those who ask for one of them.
  private func readPredefined(_ client: EngineClient) async throws -> [String: String] {
    let known = Set(self.networks.compactMap(\.id))
    var found: [String: String] = [:]
    for target in Set(self.services.flatMap { $0["Spec"]?.networkTargets ?? [] }).subtracting(known).sorted() {
      do {
        let path = "/networks/\(PercentCoding.encode(target))"
        let network: Engine.Network = try await client.get(path, [("scope", "swarm")])
        found[target] = network.name
      } catch let error as DaemonError where error.status == 404 {}
    }
    return found
  }

  /// The names of networks by their ids.
  var networkNames: [String: String] {
    self.networks.reduce(into: self.predefined) { names, network in
      if let id = network.id { names[id] = network.name }
    }
  }

  var secretNames: Set<String> { Set(self.secrets.compactMap(\.spec?.name)) }
}

extension Engine.Network {
  /// Whether the network exists on every machine, and only stands for it in the swarm.
  fileprivate var isPredefined: Bool { self.labels?["com.docker.swarm.predefined"] == "true" }
}
