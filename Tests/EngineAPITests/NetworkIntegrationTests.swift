// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import Swarm
import SwarmModel
import TestTraits
import Testing

@Suite("networks that every engine has", .serialized, .takingTurns, .timeLimit(.minutes(2)))
struct NetworkIntegrationTests {
  @Test("they are listed as the node's own, and are the swarm's for who asks for one as services do")
  func predefinedNetworks() async throws {
    let swarm = ScriptedSwarm.active()
    let labels = [Network.predefinedLabel: "true"]
    let id = try await swarm.createNetwork(NetworkSpec(annotations: Annotations(name: "host", labels: labels)))
    try await RunningServer.with(swarm) { server in
      func list(_ filters: String = "") async throws -> [String] {
        let networks = try await server.request("GET", "/networks\(filters)").decode([Engine.Network].self)
        return networks.map { "\($0.name ?? "") \($0.driver ?? "") \($0.scope ?? "")" }
      }
      #expect(try await list() == ["bridge bridge local", "host host local", "none null local"])
      #expect(try await list("?filters=%7B%22scope%22%3A%5B%22swarm%22%5D%7D") == [])
      #expect(try await list("?filters=%7B%22driver%22%3A%5B%22host%22%5D%7D") == ["host host local"])
      #expect(try await list("?filters=%7B%22type%22%3A%5B%22custom%22%5D%7D") == [])
      let own = try await server.request("GET", "/networks/host").decode(Engine.Network.self)
      #expect(own.scope == "local" && own.id?.utf8.count == 64)
      #expect(try await server.request("GET", "/networks/\(own.id?.prefix(30) ?? "")").decode(Engine.Network.self) == own)
      let ofSwarm = try await server.request("GET", "/networks/host?scope=swarm").decode(Engine.Network.self)
      #expect(ofSwarm.id == id.description && ofSwarm.labels == labels)
      #expect(try await server.request("GET", "/networks/\(id)").decode(Engine.Network.self) == ofSwarm)
      #expect(try await server.request("GET", "/networks/none?scope=swarm").status == 404)
      let removed = try await server.request("DELETE", "/networks/host")
      #expect(removed.status == 403 && removed.message == "host is a pre-defined network and cannot be removed")
      let made = try await server.request("POST", "/networks/create", body: #"{"Name":"none","Driver":"overlay"}"#)
      #expect(made.status == 403)
    }
  }

  @Test("a service is put on the host's network, which every swarm has")
  func hostNetwork() async throws {
    try await RunningManager.with { server, node in
      let created = await server.swarmctl(["service", "create", "-d", "-q", "--name", "web", "--network", "host", "ticker"])
      #expect(created.exitCode == 0, "\(created)")
      let target = try await node.services.get("web").spec.task.networks.first?.target
      #expect(target == (try await node.networks.get("host").id.description))
      #expect(try await node.networks.list().map(\.spec.annotations.name).sorted() == ["bridge", "host"])
      let used = try await server.request("DELETE", "/networks/\(target ?? "")")
      #expect(used.status == 400 && used.message?.contains("is a pre-defined network") == true, "\(used)")
    }
  }
}
