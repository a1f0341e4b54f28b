// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import SwarmCommands
import Synchronization
import Testing

@Suite("importing another swarm")
struct ImportTests {
  /// What a Docker Engine 20.10 answers, shortened; by path.
  private static let docker: [String: String] = [
    "/version": #"{"ApiVersion":"1.41","MinAPIVersion":"1.12"}"#,
    "/swarm": #"{"ID":"there"}"#,
    "/networks": """
    [{"Name":"front","Id":"net1","Scope":"swarm","Driver":"overlay","Attachable":true,"Internal":false,"Labels":{"a":"b"},
      "IPAM":{"Driver":"default","Options":null,"Config":[{"Subnet":"10.88.0.0/24","Gateway":"10.88.0.1"}]},
      "Options":{"com.docker.network.driver.overlay.vxlanid_list":"4097","encrypted":""}},
     {"Name":"ingress","Id":"net2","Scope":"swarm","Driver":"overlay","Ingress":true,
      "IPAM":{"Driver":"default","Config":[{"Subnet":"10.0.0.0/24","Gateway":"10.0.0.1"}]},"Labels":null},
     {"Name":"bridge","Id":"net3","Scope":"local","Driver":"bridge"}]
    """,
    "/networks/net4":
      #"{"Name":"host","Id":"net4","Scope":"swarm","Driver":"host","Labels":{"com.docker.swarm.predefined":"true"}}"#,
    "/configs": #"[{"ID":"c1","Spec":{"Name":"conf","Labels":{},"Data":"eQo="}}]"#,
    "/secrets": #"[{"ID":"x1","Spec":{"Name":"key","Labels":{}}}]"#,
    "/nodes": """
    [{"ID":"n1","Description":{"Hostname":"node1"},"Spec":{"Labels":{"disk":"ssd","zone":"a"},"Role":"manager"}},
     {"ID":"n2","Description":{"Hostname":"gone"},"Spec":{"Labels":{"disk":"hdd"},"Role":"worker"}},
     {"ID":"n3","Description":{"Hostname":"plain"},"Spec":{"Labels":{},"Role":"worker"}}]
    """,
    "/services": """
    [{"ID":"s1","Spec":{"Name":"web","Labels":{},"TaskTemplate":{"ContainerSpec":{"Image":"web:1","Init":false,"DNSConfig":{},
        "FromTheFuture":5,"Configs":[{"File":{"Name":"conf","UID":"0","GID":"0","Mode":292},"ConfigID":"c1","ConfigName":"conf"}]},
        "Placement":{"Constraints":["node.id==n2","node.hostname == gone","node.hostname!=gone","node.labels.disk==ssd"]},
        "Networks":[{"Target":"net1"}],"ForceUpdate":0,"Runtime":"container"},"Mode":{"Replicated":{"Replicas":0}},
        "EndpointSpec":{"Mode":"vip"}}},
     {"ID":"s2","Spec":{"Name":"api","TaskTemplate":{"ContainerSpec":{"Image":"api:1",
        "Secrets":[{"File":{"Name":"key"},"SecretID":"x1","SecretName":"key"}]},"Networks":[{"Target":"net4"}]},"Mode":{"Global":{}}}},
     {"ID":"s3","Spec":{"Name":"migrate","TaskTemplate":{"ContainerSpec":{"Image":"job"}},"Mode":{"GlobalJob":{}}}}]
    """,
  ]

  /// Imports from a Docker Engine of these answers.
  private static func imported(
    into engine: FakeEngine,
    _ flags: [String] = [],
    answers: [String: String] = Self.docker
  ) async throws -> (code: Int32, output: String, errors: String) {
    try await FakeServer.with { request in
      if request.method != "GET" { return (500, #"{"message":"the other swarm must not be changed"}"#) }
      return answers[request.path].map { (200, $0) } ?? (404, #"{"message":"\#(request.path) not found"}"#)
    } body: { host in
      try await engine.swarmctl(["import", "--from", host] + flags)
    }
  }

  private static func target() -> FakeEngine {
    let engine = FakeEngine()
    engine.add("networks", .object(["Name": .string("ingress"), "Driver": .string("overlay"), "Ingress": .bool(true)]))
    engine.add(
      "nodes",
      .object([
        "ID": .string("n2"), "Name": .string("here1"), "Description": .object(["Hostname": .string("node1")]),
        "Spec": .object(["Labels": .object(["zone": .string("b")]), "Role": .string("manager")]),
        "Version": .object(["Index": .integer(10)]),
      ])
    )
    return engine
  }

  @Test("everything that can be read is made here, and the rest is named")
  func everything() async throws {
    let engine = Self.target()
    let first = try await Self.imported(into: engine)
    #expect(first.code == 1)
    #expect(
      first.output == """
        network front: created
        network ingress: is here, and left alone, but differs in IPAM
        config conf: created
        node node1: has disk=ssd now
        service web: created
        4 created, 0 here already, 1 here and different, 4 left out

        """
    )
    #expect(
      first.errors == """
        WARNING: node node1: label zone has another value here, and is left alone
        node gone: left out: no node here has this hostname (disk=hdd)
        secret key: left out: its content can't be read: create it with 'swarmctl secret create key FILE'
        WARNING: service web: constraint node.id==n2 is about a node of the other swarm, where it is gone
        WARNING: service web: constraint node.hostname == gone holds for no node here
        WARNING: service web: TaskTemplate.ContainerSpec.FromTheFuture isn't known here, and is left out
        service api: left out: it needs secret key
        service migrate: left out: it is a job, and would run again: --jobs creates it

        """
    )
    let front = try #require(engine.body("networks", "front"))
    #expect(front["Options"]?.text == #"{"encrypted":""}"#)
    #expect(front["IPAM"]?["Config"]?.text == #"[{"Subnet":"10.88.0.0/24","Gateway":"10.88.0.1"}]"#)
    #expect(front["Attachable"] == .bool(true) && front["Labels"]?["a"] == .string("b"))
    #expect(engine.body("configs", "conf")?["Data"] == .string("eQo="))
    let web = try #require(engine.body("services", "web"))
    #expect(web["TaskTemplate"]?["Networks"]?.text == #"[{"Target":"front"}]"#)
    #expect(web["TaskTemplate"]?["ContainerSpec"]?["Configs"]?.text.contains(#""ConfigID":"c4","ConfigName":"conf""#) == true)
    #expect(web["Mode"]?.text == #"{"Replicated":{"Replicas":0}}"#)

    engine.add("secrets", .object(["Name": .string("key")]))
    let second = try await Self.imported(into: engine, ["--only=configs,networks", "--only", "services", "--jobs"])
    #expect(second.code == 0, "\(second)")
    #expect(
      second.output == """
        network front: is here
        network ingress: is here, and left alone, but differs in IPAM
        config conf: is here
        secret key: is here
        service web: is here
        service api: created
        service migrate: created
        2 created, 4 here already, 1 here and different

        """
    )
    let api = try #require(engine.body("services", "api"))
    #expect(api["TaskTemplate"]?["Networks"]?.text == #"[{"Target":"host"}]"#)
    #expect(api["TaskTemplate"]?["ContainerSpec"]?["Secrets"]?.text.contains(#""SecretID":"s6","SecretName":"key""#) == true)

    try engine.change(service: "web") { $0.taskTemplate?.containerSpec?.image = "web:2" }
    let third = try await Self.imported(into: engine, ["--only", "services", "--jobs"])
    let differs = "service web: is here, and left alone, but differs in TaskTemplate.ContainerSpec.Image\n"
    #expect(third.code == 0 && third.output.contains(differs), "\(third)")
  }

  @Test("a dry run says the same and changes nothing")
  func dryRun() async throws {
    let engine = Self.target()
    let told = try await Self.imported(into: engine, ["--dry-run", "--jobs"])
    #expect(told.code == 1)
    #expect(told.output.contains("network front: would be created\n") && told.output.contains("node node1: would get disk=ssd\n"))
    #expect(told.output.contains("service web: would be created\n"), "\(told)")
    #expect(told.output.hasSuffix("5 to create, 0 here already, 1 here and different, 3 left out\n"), "\(told)")
    #expect(told.errors.contains("service api: left out: it needs secret key\n"))
    #expect(engine.changes.isEmpty)
  }

  @Test("services whose networks aren't imported are left out")
  func withoutNetworks() async throws {
    let engine = Self.target()
    let result = try await Self.imported(into: engine, ["--only", "services"])
    #expect(result.errors.contains("service web: left out: it needs config conf, network front\n"), "\(result)")
    #expect(engine.changes.isEmpty)
  }

  @Test("what the server here refuses is named, and the rest goes on")
  func failures() async throws {
    let engine = FakeEngine(missingKinds: ["configs"])
    let unread = try await Self.imported(into: engine)
    #expect(unread.code == 1 && unread.errors.contains("can't be read: configs are not available yet"), "\(unread)")
    var answers = Self.docker
    answers["/nodes"] = #"[{"ID":"n1","Description":{"Hostname":"node1"},"Spec":{"Labels":{"disk":"ssd"}}}]"#
    let target = FakeEngine()
    target.add(
      "nodes",
      .object(["ID": .string("elsewhere"), "Name": .string("here1"), "Description": .object(["Hostname": .string("node1")])])
    )
    let refused = try await Self.imported(into: target, ["--only", "nodes,configs"], answers: answers)
    #expect(refused.code == 1)
    #expect(refused.errors == "node node1: node elsewhere not found\n", "\(refused)")
    #expect(refused.output == "config conf: created\n1 created, 0 here already, 1 failed\n")
  }

  @Test("a swarm isn't imported into itself, and flags that make no sense ask nobody")
  func refusals() async throws {
    let engine = Self.target()
    var answers = Self.docker
    answers["/swarm"] = #"{"ID":"here"}"#
    let itself = try await Self.imported(into: engine, answers: answers)
    #expect(itself.code == 1 && itself.errors.contains("there is nothing to import"), "\(itself)")
    answers["/swarm"] = nil
    let worker = try await Self.imported(into: engine, answers: answers)
    #expect(worker.code == 1 && worker.errors.contains("can't be read: /swarm not found"), "\(worker)")
    for (flags, code) in [([], 125), (["--from", "nowhere"], 1), (["--from", "unix:///a", "--only", "secrets"], 125)] {
      let refused = try await engine.swarmctl(["import"] + flags)
      #expect(refused.code == code && !refused.errors.isEmpty, "\(flags): \(refused)")
    }
    #expect(engine.changes.isEmpty)
  }

  @Test("an engine that speaks only later versions of the API is asked in its oldest one")
  func laterVersions() async throws {
    let paths = Mutex<[String]>([])
    let result = try await FakeServer.with { request in
      paths.withLock { $0.append(request.version) }
      var answers = Self.docker
      answers["/version"] = #"{"ApiVersion":"1.52","MinAPIVersion":"1.44"}"#
      return answers[request.path].map { (200, $0) } ?? (404, "{}")
    } body: { host in
      try await Self.target().swarmctl(["import", "--dry-run", "--from", host])
    }
    #expect(result.output.contains("service web: would be created"), "\(result)")
    #expect(paths.withLock { $0.first == "" && $0.dropFirst().allSatisfy { $0 == "v1.44" } })
  }
}
