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
      #expect(try await list("?filters=%7B%22dangling%22%3A%5B%22true%22%5D%7D") == [])
      #expect(try await list("?filters=%7B%22dangling%22%3A%5B%220%22%5D%7D").count == 3)
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
      #expect(try await node.networks.list().map(\.spec.annotations.name).sorted() == ["bridge", "host", "ingress"])
      let used = try await server.request("DELETE", "/networks/\(target ?? "")")
      #expect(used.status == 400 && used.message?.contains("is a pre-defined network") == true, "\(used)")
    }
  }

  @Test("outside of a swarm there is nothing to prune")
  func pruneNothing() async throws {
    try await RunningServer.with(ScriptedSwarm()) { server in
      let answer = try await server.request("POST", "/networks/prune")
      #expect((answer.status, answer.text) == (200, "{\"NetworksDeleted\":[]}\n"))
    }
  }

  @Test("networks that nothing uses are pruned, by their labels if these are given")
  func prune() async throws {
    try await RunningManager.with { server, node in
      var ids: [String: NetworkID] = [:]
      for (name, labels) in [("used", [:]), ("kept", ["keep": "yes"]), ("other", ["a": "b"]), ("last", [:])] {
        ids[name] = try await node.networks.create(NetworkSpec(annotations: Annotations(name: name, labels: labels)))
      }
      var spec = ServiceSpec(name: "web", image: "ticker", replicas: 0)
      spec.task.networks = [NetworkAttachmentConfig(target: ids["used"]?.description ?? "")]
      try await node.services.create(spec)
      func prune(_ filters: String) async throws -> [String] {
        let answer = try await server.request("POST", "/networks/prune?filters=\(PercentCoding.encode(filters))")
        #expect(answer.status == 200, "\(answer)")
        return try answer.decode([String: [String]].self)["NetworksDeleted"]?.sorted() ?? []
      }
      #expect(try await prune(#"{"label":["a"]}"#) == ["other"])
      #expect(try await prune(#"{"label!":["keep=yes"]}"#) == ["last"])
      #expect(try await prune("{}") == ["kept"])
      #expect(try await node.networks.list().map(\.spec.annotations.name).sorted() == ["bridge", "host", "ingress", "used"])
    }
  }

  @Test("every setting of a network is read back as it was made")
  func roundTrip() async throws {
    try await RunningManager.with { server, _ in
      let body = """
        {"Name":"front","Driver":"overlay","EnableIPv6":true,"Internal":true,"Attachable":true,"Ingress":false,"Scope":"swarm",
        "ConfigOnly":false,"ConfigFrom":{"Network":""},"Options":{"encrypted":""},"Labels":{"a":"b"},"IPAM":{"Driver":"default",
        "Options":{"o":"p"},"Config":[{"Subnet":"10.77.0.0/24","IPRange":"10.77.0.0/25","Gateway":"10.77.0.9",
        "AuxiliaryAddresses":{"printer":"10.77.0.1"}}]}}
        """
      let made = try await server.request("POST", "/networks/create", body: body)
      #expect(made.status == 201, "\(made)")
      let sent = try EngineJSON.decode(JSONValue.self, from: Array(body.utf8))
      let shown = try await server.request("GET", "/networks/front").json
      for field in [
        "Name", "Driver", "EnableIPv6", "Internal", "Attachable", "Ingress", "Scope", "ConfigOnly", "ConfigFrom", "IPAM",
        "Labels",
      ] {
        #expect(shown?[field]?.text == sent[field]?.text, "\(field)")
      }
      #expect(shown?["Options"]?["encrypted"] == .string("") && shown?["Containers"]?.text == "{}")
      // What is reserved no service gets.
      let created = await server.swarmctl(["service", "create", "-d", "-q", "--name", "web", "--network", "front", "ticker"])
      #expect(created.exitCode == 0, "\(created)")
      var address: JSONValue?
      while address == nil {
        guard case .array(let addresses) = try await server.request("GET", "/services/web").json?["Endpoint"]?["VirtualIPs"]
        else { continue }
        address = addresses.first?["Addr"]
      }
      #expect(address == .string("10.77.0.2/24"))
      let twice = try await server.request("POST", "/networks/create", body: #"{"Name":"front","Driver":"overlay"}"#)
      #expect(twice.status == 409 && twice.message == "network with name front already exists", "\(twice)")
    }
  }

  @Test(
    "what a network can't have is refused by name",
    arguments: [
      (#""Driver":"bridge""#, 501, "drivers"), (#""Scope":"local""#, 501, "scopes"), (#""ConfigOnly":true"#, 501, "ConfigOnly"),
      (#""ConfigFrom":{"Network":"n"}"#, 501, "ConfigFrom"), (#""IPAM":{"Driver":"dhcp"}"#, 501, "IPAM"),
      (#""IPAM":{"Config":[{"Gateway":"10.0.0.1"}]}"#, 400, "10.0.0.1 has no corresponding subnet"),
      (#""IPAM":{"Config":[{"IPRange":"10.0.0.0/25"}]}"#, 400, "10.0.0.0/25 has no corresponding subnet"),
      (#""IPAM":{"Config":[{"AuxiliaryAddresses":{"p":"10.0.0.3"}}]}"#, 400, "10.0.0.3 has no corresponding subnet"),
      (#""IPAM":{"Config":[{"Subnet":"10.0.0.0/24","AuxiliaryAddresses":{"p":"x"}}]}"#, 400, "invalid auxiliary address p: x"),
    ]
  )
  func refusals(setting: String, status: Int, sentence: String) async throws {
    let swarm = ScriptedSwarm.active()
    try await RunningServer.with(swarm) { server in
      let answer = try await server.request("POST", "/networks/create", body: #"{"Name":"front",\#(setting)}"#)
      #expect(answer.status == status && answer.message?.contains(sentence) == true, "\(answer)")
      #expect(swarm.change { $0.networks.isEmpty })
    }
  }

  @Test("a task shows the networks that it is on")
  func taskNetworks() async throws {
    let swarm = ScriptedSwarm.active()
    let id = try await swarm.createNetwork(NetworkSpec(annotations: Annotations(name: "front", labels: ["a": "b"])))
    var spec = ServiceSpec(name: "web", image: "a", replicas: 1)
    spec.task.networks = [NetworkAttachmentConfig(target: id.description)]
    _ = try await swarm.createService(spec)
    // As clients did before a task had networks of its own.
    var old = ServiceSpec(name: "old", image: "a", replicas: 1)
    old.networks = spec.task.networks
    _ = try await swarm.createService(old)
    _ = try await swarm.createService(ServiceSpec(name: "alone", image: "a", replicas: 1))
    try await RunningServer.with(swarm) { server in
      for task in try await server.request("GET", "/tasks").decode([Engine.Task].self) {
        let isOn = try await swarm.service("alone").id.description != task.serviceID
        #expect(task.networksAttachments?.map(\.network?.id) == (isOn ? [id.description] : nil))
        #expect(task.networksAttachments?.first?.network?.spec?.labels == (isOn ? ["a": "b"] : nil))
        let one = try await server.request("GET", "/tasks/\(task.id ?? "")").decode(Engine.Task.self)
        #expect(one == task)
      }
    }
  }
}
