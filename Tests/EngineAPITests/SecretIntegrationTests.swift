// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import Swarm
import SwarmModel
import Testing

@Suite("secrets, configs and networks over the API")
struct SecretIntegrationTests {
  @Test("a secret is created, shown without its data, labelled and removed")
  func secrets() async throws {
    try await RunningServer.with(ScriptedSwarm.active()) { server in
      let made = try await server.request(
        "POST",
        "/secrets/create",
        body: #"{"Name":"s1","Labels":{"a":"b"},"Data":"aHVudGVyMg=="}"#
      )
      #expect(made.status == 201, "\(made.text)")
      let id = try #require(made.json?["ID"]?.string)
      let shown = try await server.request("GET", "/secrets/s1")
      #expect(shown.json?["ID"]?.string == id)
      #expect(shown.json?["Spec"]?.text == #"{"Name":"s1","Labels":{"a":"b"}}"#)
      #expect(!shown.text.contains("aHVudGVyMg"))
      let version = try #require(shown.json?["Version"]?["Index"]?.text)
      let update = try await server.request(
        "POST",
        "/secrets/\(id)/update?version=\(version)",
        body: #"{"Name":"s1","Labels":{"c":"d"}}"#
      )
      #expect(update.status == 200)
      let listed = try await server.request("GET", "/secrets?filters=\(PercentCoding.encode(#"{"label":["c=d"]}"#))")
      #expect(try listed.decode([Engine.Secret].self).map(\.id) == [id])
      #expect(try await server.request("DELETE", "/secrets/s1").status == 204)
      let gone = try await server.request("GET", "/secrets/s1")
      #expect(gone.status == 404)
      #expect(gone.message == "secret s1 not found")
    }
  }

  @Test("a config is shown with its data, and an empty one is refused")
  func configs() async throws {
    try await RunningServer.with(ScriptedSwarm.active()) { server in
      #expect(try await server.request("POST", "/configs/create", body: #"{"Name":"c1","Data":"aGVsbG8="}"#).status == 201)
      #expect(try await server.request("GET", "/configs/c1").json?["Spec"]?["Data"]?.string == "aGVsbG8=")
      let refused = try await server.request("POST", "/configs/create", body: #"{"Name":"c2"}"#)
      #expect(refused.status == 400)
      #expect(refused.message?.contains("config data must be larger than 0") == true)
      #expect(try await server.request("DELETE", "/configs/c1").status == 204)
    }
  }

  @Test("a network is created and shown; on a node outside of a swarm there are only the node's own")
  func networks() async throws {
    try await RunningServer.with(ScriptedSwarm.active()) { server in
      let made = try await server.request(
        "POST",
        "/networks/create",
        body: #"{"Name":"n1","Driver":"overlay","Attachable":true}"#
      )
      #expect(made.status == 201, "\(made.text)")
      let id = try #require(made.json?["Id"]?.string)
      let shown = try await server.request("GET", "/networks/n1").json
      #expect(shown?["Id"]?.string == id)
      #expect(shown?["Scope"]?.string == "swarm")
      #expect(shown?["IPAM"]?["Config"]?.text == #"[{"Subnet":"10.0.0.0/24","Gateway":"10.0.0.1"}]"#)
      #expect(try await server.request("DELETE", "/networks/n1").status == 204)
      let other = try await server.request("POST", "/networks/create", body: #"{"Name":"n1","Driver":"macvlan"}"#)
      #expect(other.status == 501)
    }
    try await RunningServer.with(ScriptedSwarm()) { server in
      let listed = try await server.request("GET", "/networks").decode([Engine.Network].self)
      #expect(listed.map(\.name) == ["bridge", "host", "none"])
      let missing = try await server.request("GET", "/networks/x")
      #expect(missing.status == 404)
    }
  }

  @Test("an update by a client of Docker keeps what Docker doesn't know")
  func ownFields() async throws {
    let swarm = ScriptedSwarm.active()
    let created = try await swarm.createService(
      ServiceSpec(
        annotations: Annotations(name: "web"),
        task: TaskSpec(runtime: .container(ContainerSpec(image: "a"))),
        dependencies: [ServiceDependency(service: "db")]
      )
    )
    try await RunningServer.with(swarm) { server in
      let version = try await swarm.service("web").meta.version.index
      let body = #"{"Name":"web","TaskTemplate":{"ContainerSpec":{"Image":"b"}}}"#
      #expect(try await server.request("POST", "/services/web/update?version=\(version)", body: body).status == 200)
    }
    let spec = try await swarm.service("\(created.id)").spec
    #expect(spec.task.container?.image == "b")
    #expect(spec.dependencies == [ServiceDependency(service: "db")])
  }
}

extension JSONValue {
  fileprivate var string: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }
}
