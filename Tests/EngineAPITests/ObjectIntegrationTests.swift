// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import Swarm
import SwarmModel
import TestTraits
import Testing

/// Lists, lookups, updates and errors, as clients see them.
@Suite("objects over the API", .takingTurns)
struct ObjectIntegrationTests {
  private static func services(_ names: String..., in swarm: ScriptedSwarm) async throws {
    for name in names {
      let spec = ServiceSpec(
        annotations: Annotations(name: name, labels: ["name": name, "all": "yes"]),
        task: TaskSpec(runtime: .container(ContainerSpec(image: "a"))),
        mode: name == "everywhere" ? .global : .replicated(replicas: 2)
      )
      _ = try await swarm.createService(spec)
    }
  }

  private static func query(_ filters: String) -> String { "filters=\(PercentCoding.encode(filters))" }

  @Test(
    "services are filtered in both encodings",
    arguments: [
      (#"{"name":["web"]}"#, ["web", "web2"]), (#"{"name":{"web2":true}}"#, ["web2"]),
      (#"{"name":{"web2":true,"every":true}}"#, ["everywhere", "web2"]),
      (#"{"label":["name=web"]}"#, ["web"]), (#"{"label":["all"],"mode":["global"]}"#, ["everywhere"]),
      (#"{"label":["all=no"]}"#, []), (#"{"label":["name=web","all"]}"#, ["web"]), (#"{"label":["name=web","name=web2"]}"#, []),
      (#"{"runtime":["container"],"name":["web2"]}"#, ["web2"]), ("{}", ["everywhere", "web", "web2"]),
      (#"{"name":null}"#, ["everywhere", "web", "web2"]),
    ]
  )
  func serviceFilters(filters: String, expected: [String]) async throws {
    let swarm = ScriptedSwarm.active()
    try await Self.services("web", "web2", "everywhere", in: swarm)
    try await RunningServer.with(swarm) { server in
      let answer = try await server.request("GET", "/services?\(Self.query(filters))")
      let names = try answer.decode([Engine.Service].self).compactMap(\.spec?.name).sorted()
      #expect(names == expected)
    }
  }

  @Test(
    "filters that make no sense are refused",
    arguments: [
      ("/services", #"{"bogus":["x"]}"#, 400, "Invalid filter 'bogus'"),
      ("/nodes", #"{"desired-state":["x"]}"#, 400, "Invalid filter 'desired-state'"),
      ("/tasks", "nonsense", 400, "invalid filters"), ("/nodes", #"{"role":["king"]}"#, 400, "Invalid role filter: 'king'"),
      ("/networks", #"{"dangling":["TRUE"]}"#, 400, "invalid value for filter 'dangling'"),
      ("/networks", #"{"dangling":["1","0"]}"#, 400, "got more than one value for filter key \"dangling\""),
      ("/tasks", #"{"desired-state":["bogus"]}"#, 500, "Invalid desired-state filter: 'bogus'"),
      ("/tasks", #"{"service":["nope"]}"#, 404, "service nope not found"),
      ("/tasks", #"{"node":["nope"]}"#, 404, "node nope not found"),
    ]
  )
  func badFilters(path: String, filters: String, status: Int, sentence: String) async throws {
    try await RunningServer.with(ScriptedSwarm.active()) { server in
      let answer = try await server.request("GET", "\(path)?\(Self.query(filters))")
      #expect(answer.status == status)
      #expect(answer.message?.contains(sentence) == true, "\(answer.text)")
    }
  }

  @Test("tasks are filtered by service, node, label, state and specification")
  func taskFilters() async throws {
    let swarm = ScriptedSwarm.active()
    try await Self.services("web", "everywhere", in: swarm)
    let web = try await swarm.service("web")
    var spec = web.spec
    spec.task.forceUpdate += 1
    _ = try await swarm.updateService(web.id, version: web.meta.version.index, spec: spec, rollback: false)
    let expected = [
      (#"{"service":["web"]}"#, 4), (#"{"service":{"web":true},"desired-state":{"running":true}}"#, 2),
      (#"{"service":["web"],"_up-to-date":["true"]}"#, 2), (#"{"service":["web"],"desired-state":["shutdown"]}"#, 2),
      (#"{"node":["node1"],"desired-state":["running"]}"#, 2), (#"{"label":["name=everywhere"]}"#, 2),
      (#"{"name":["web.1"]}"#, 2),
      (#"{"service":["web","everywhere"]}"#, 6),
    ]
    try await RunningServer.with(swarm) { server in
      for (filters, count) in expected {
        let tasks = try await server.request("GET", "/tasks?\(Self.query(filters))").decode([Engine.Task].self)
        #expect(tasks.count == count, "\(filters)")
      }
      let status = try await server.request("GET", "/services?status=true&\(Self.query(#"{"name":["web"]}"#))").decode(
        [Engine.Service].self
      )
      #expect(status.first?.serviceStatus?.runningTasks == 2)
      #expect(status.first?.serviceStatus?.desiredTasks == 2)
      let bare = try await server.request("GET", "/services").decode([Engine.Service].self)
      #expect(bare.allSatisfy { $0.serviceStatus == nil })
    }
  }

  @Test("a task that an update doesn't concern is up to date")
  func unconcernedTasks() async throws {
    let swarm = ScriptedSwarm.active()
    try await Self.services("web", in: swarm)
    for change in 0..<2 {
      let web = try await swarm.service("web")
      var spec = web.spec
      spec.annotations.labels["changed"] = String(change)
      if change > 0 { spec.task.placement = Placement(maxReplicas: 5) }
      _ = try await swarm.updateService(web.id, version: web.meta.version.index, spec: spec, rollback: false)
      let count = change == 0 ? 2 : 4
      try await RunningServer.with(swarm) { server in
        let all = try await server.request("GET", "/tasks").decode([Engine.Task].self)
        #expect(all.count == count)
        let filters = Self.query(#"{"service":["web"],"_up-to-date":["true"]}"#)
        let current = try await server.request("GET", "/tasks?\(filters)").decode([Engine.Task].self)
        #expect(current.count == count)
      }
    }
  }

  @Test("a global service's tasks have no slot, and a task shows what is known of it")
  func taskShape() async throws {
    let swarm = ScriptedSwarm.active()
    try await Self.services("everywhere", in: swarm)
    try await RunningServer.with(swarm) { server in
      let list = try await server.request("GET", "/tasks").json
      guard case .array(let tasks) = list, case .string(let id) = tasks.first?["ID"] else {
        Issue.record("no tasks")
        return
      }
      #expect(tasks.allSatisfy { $0["Slot"] == nil })
      let task = try await server.request("GET", "/tasks/\(id)").json
      #expect(task?["DesiredState"] == .string("running"))
      #expect(task?["Status"]?["State"] == .string("running"))
      #expect(task?["Status"]?["PortStatus"]?.text == "{}")
      #expect(task?["Labels"]?.text == "{}")
      #expect(try await server.request("GET", "/tasks/nope").message == "task nope not found")
    }
  }

  @Test(
    "updates need the version that was read",
    arguments: [
      ("/services/web/update", #"invalid service version '': strconv.ParseUint: parsing "": invalid syntax"#),
      ("/nodes/node2/update?version=x", #"invalid node version 'x': strconv.ParseUint: parsing "x": invalid syntax"#),
      ("/swarm/update?version=-1", #"invalid swarm version '-1': strconv.ParseUint: parsing "-1": invalid syntax"#),
    ]
  )
  func versions(path: String, sentence: String) async throws {
    try await RunningServer.with(ScriptedSwarm.active()) { server in
      let answer = try await server.request("POST", path, body: "{}")
      #expect(answer.status == 400)
      #expect(answer.message == sentence)
    }
  }

  @Test("errors of the swarm come with dockerd's statuses and texts")
  func errors() async throws {
    let swarm = ScriptedSwarm.active()
    try await Self.services("web", in: swarm)
    try await RunningServer.with(swarm) { server in
      let stale = try await server.request(
        "POST",
        "/services/web/update?version=1",
        body: #"{"Name":"web","TaskTemplate":{"ContainerSpec":{"Image":"a"}}}"#
      )
      #expect(stale.status == 500)
      #expect(stale.message == "rpc error: code = Unknown desc = update out of sequence")
      let duplicate = try await server.request(
        "POST",
        "/services/create",
        body: #"{"Name":"web","TaskTemplate":{"ContainerSpec":{"Image":"a"}}}"#
      )
      #expect(duplicate.status == 409)
      #expect(
        duplicate.message
          == "rpc error: code = AlreadyExists desc = name conflicts with an existing object: service web already exists"
      )
      #expect(try await server.request("GET", "/services/nope").status == 404)
      #expect(try await server.request("DELETE", "/services/nope").message == "service nope not found")
      let index = try await swarm.service("web").meta.version.index
      let rename = try await server.request(
        "POST",
        "/services/web/update?version=\(index)",
        body: #"{"Name":"other","TaskTemplate":{"ContainerSpec":{"Image":"a"}}}"#
      )
      #expect(rename.status == 501)
      #expect(rename.message == "rpc error: code = Unimplemented desc = renaming services is not supported")
      let rollback = try await server.request(
        "POST",
        "/services/web/update?version=\(index)&rollback=previous",
        body: "not even JSON"
      )
      #expect(rollback.status == 400)
      #expect(rollback.message?.contains("does not have a previous spec") == true)
      let removed = try await server.request("DELETE", "/services/web")
      #expect(removed.status == 200)
      #expect(removed.text.isEmpty)
    }
  }

  @Test("a beginning that several ids have is refused without the control API's prefix, as by dockerd")
  func ambiguous() async throws {
    let swarm = ScriptedSwarm.active()
    // One more than there are first characters.
    for number in 0...36 { _ = try await swarm.createService(ServiceSpec(name: "s\(number)", image: "a", replicas: 1)) }
    let counts = Dictionary(grouping: try await swarm.services().map { $0.id.description.prefix(1) }) { $0 }.mapValues(\.count)
    let (first, count) = try #require(counts.first { $0.value > 1 })
    try await RunningServer.with(swarm) { server in
      let answer = try await server.request("GET", "/services/\(first)")
      #expect((answer.status, answer.message) == (400, "service \(first) is ambiguous (\(count) matches found)"))
    }
  }

  @Test("without a leader, writes and lists say so and info still answers")
  func noLeader() async throws {
    let swarm = ScriptedSwarm.active()
    swarm.change { $0.failure = SwarmError(code: .unavailable, message: "the swarm does not have a leader") }
    try await RunningServer.with(swarm) { server in
      let list = try await server.request("GET", "/services")
      #expect(list.status == 503)
      #expect(list.message == "the swarm does not have a leader")
      let info = try await server.request("GET", "/info")
      #expect(info.status == 200)
      #expect(info.json?["Swarm"]?["Error"] == .string("the swarm does not have a leader"))
      #expect(info.json?["Swarm"]?["ControlAvailable"] == .bool(true))
      #expect(info.json?["Swarm"]?["Cluster"] == nil)
      #expect(info.json?["Swarm"]?["NodeAddr"] == .string("127.0.0.1"))
    }
  }

  @Test("the swarm's settings change by name, and what can't be had yet is refused")
  func swarmUpdate() async throws {
    let swarm = ScriptedSwarm.active()
    try await RunningServer.with(swarm) { server in
      func update(_ query: String, _ body: String) async throws -> RunningServer.Answer {
        let index = try await swarm.cluster().meta.version.index
        return try await server.request("POST", "/swarm/update?version=\(index)\(query)", body: body)
      }
      #expect(try await update("&rotateWorkerToken=False", #"{"Orchestration":{"TaskHistoryRetentionLimit":2}}"#).status == 200)
      let shown = try await server.request("GET", "/swarm").json
      #expect(shown?["SubnetSize"] == .integer(24) && shown?["DefaultAddrPool"] == nil)
      let spec = shown?["Spec"]
      #expect(spec?["Orchestration"]?["TaskHistoryRetentionLimit"] == .integer(2))
      #expect(spec?["Dispatcher"]?["HeartbeatPeriod"] == .integer(5_000_000_000))
      #expect(spec?["CAConfig"]?["NodeCertExpiry"] == .integer(7_776_000_000_000_000))
      #expect(try await update("&rotateWorkerToken=True", "{}").status == 200)
      let tokens = swarm.change { $0.cluster?.rootCA.joinTokens }
      #expect(tokens == JoinTokens(worker: "SWMTKN-1-new-worker", manager: ScriptedSwarm.tokens.manager))
      #expect(try await update("", #"{"EncryptionConfig":{"AutoLockManagers":true}}"#).status == 200)
      #expect(try await server.request("GET", "/swarm/unlockkey").json?["UnlockKey"] == .string(ScriptedSwarm.unlockKey))
      #expect(try await update("", #"{"CAConfig":{"ExternalCAs":[{"URL":"https://ca"}]}}"#).status == 501)
      #expect(try await update("", #"{"Name":"other"}"#).message == "swarm spec must be named \"default\"")
      #expect(
        try await update("", #"{"CAConfig":{"NodeCertExpiry":1}}"#).message?.hasPrefix(
          "rpc error: code = InvalidArgument desc = minimum"
        ) == true
      )
    }
  }

  @Test("a locked manager says so everywhere, and is unlocked by its key alone")
  func locked() async throws {
    let swarm = ScriptedSwarm.active()
    try await RunningServer.with(swarm) { server in
      func unlock(_ key: String) async throws -> RunningServer.Answer {
        try await server.request("POST", "/swarm/unlock", body: #"{"UnlockKey":"\#(key)"}"#)
      }
      let early = try await unlock(ScriptedSwarm.unlockKey)
      #expect(early.status == 409 && early.message == "swarm is not locked")
      swarm.change { $0.local.state = .locked }
      let info = try await server.request("GET", "/info")
      #expect(info.json?["Swarm"]?["LocalNodeState"] == .string("locked"))
      #expect(info.json?["Swarm"]?["ControlAvailable"] == .bool(false))
      let wrong = try await unlock("SWMKEY-1-x")
      #expect(wrong.status == 401 && wrong.message == "swarm could not be unlocked: invalid key provided")
      #expect(try await unlock(ScriptedSwarm.unlockKey).status == 200)
      #expect(try await server.request("GET", "/swarm/unlockkey").json?["UnlockKey"] == .string(""))
    }
  }

  @Test(
    "a node's own address may be that of an interface, and is nothing else than an address",
    arguments: [
      ("lo", "127.0.0.1"), ("lo:2400", "127.0.0.1:2400"), ("192.0.2.1", "192.0.2.1"), ("192.0.2.1:0", "192.0.2.1:0"),
      ("2001:db8::1", "[2001:db8::1]"), ("[2001:db8::1]:2400", "[2001:db8::1]:2400"), ("[2001:db8::1]", "[2001:db8::1]"),
      ("", nil),
      ("0.0.0.0:2377", "listen"), ("::", "listen"), ("nowhere", "nothing"), ("nowhere:2377", "nothing"),
    ] as [(String, String?)]
  )
  func ownAddresses(text: String, expected: String?) async throws {
    let swarm = ScriptedSwarm()
    try await RunningServer.with(swarm) { server in
      for member in ["AdvertiseAddr", "ListenAddr"] {
        let answer = try await server.request("POST", "/swarm/init", body: #"{"\#(member)":"\#(text)"}"#)
        if expected == "nothing" || expected == "listen" && member == "AdvertiseAddr" {
          #expect(answer.status == 400, "\(answer)")
          #expect(answer.message?.contains("network interface (with optional port number)") == true, "\(answer)")
          continue
        }
        #expect(answer.status == 200, "\(answer)")
        let request = swarm.change { $0.initializations.last }
        let given = member == "AdvertiseAddr" ? request?.advertiseAddress : request?.listenAddress
        #expect(given == (expected == "listen" ? (text.hasPrefix(":") ? "[\(text)]" : text) : expected))
        _ = try await server.request("POST", "/swarm/leave?force=1")
      }
    }
  }

  @Test("init and join hand on what was asked")
  func initializeAndJoin() async throws {
    let swarm = ScriptedSwarm()
    try await RunningServer.with(swarm) { server in
      let made = try await server.request(
        "POST",
        "/swarm/init",
        body:
          #"{"ListenAddr":"127.0.0.1:0","AdvertiseAddr":"127.0.0.1","Availability":"drain","SubnetSize":24,"Spec":{"Labels":{"a":"b"}},"#
          + #""ForceNewCluster":true,"AutoLockManagers":true}"#
      )
      #expect(made.status == 200)
      #expect(made.json == swarm.local.nodeID.map { .string($0.description) })
      let request = swarm.change { $0.initializations.first }
      #expect(request?.listenAddress == "127.0.0.1:0")
      #expect(request?.availability == .drain)
      #expect(request?.spec.annotations.labels == ["a": "b"])
      #expect(request?.forcesNewCluster == true)
      #expect(request?.spec.encryptionConfig.autoLockManagers == true)
      #expect(
        try await server.request("POST", "/swarm/init", body: #"{"Availability":"lazy"}"#).message
          == "invalid Availability: \"lazy\""
      )
      #expect(try await server.request("POST", "/swarm/join", body: "{}").status == 400)
      #expect(try await server.request("POST", "/swarm/leave?force=True").status == 200)
      for (setting, name) in [
        (#""SubnetSize":16"#, "SubnetSize"), (#""DefaultAddrPool":["10.0.0.0/8"]"#, "DefaultAddrPool"),
        (#""DataPathAddr":"eth0""#, "DataPathAddr"), (#""DataPathPort":4790"#, "DataPathPort"),
      ] {
        let refused = try await server.request("POST", "/swarm/init", body: "{\(setting)}")
        #expect(refused.status == 501 && refused.message?.contains(name) == true, "\(refused)")
      }
      for token in ["x", "", "SWMTKN-1-a-b"] {
        let body = #"{"RemoteAddrs":["a:1"],"JoinToken":"\#(token)"}"#
        let refused = try await server.request("POST", "/swarm/join", body: body)
        #expect(refused.status == 500)
        #expect(refused.message == "invalid join token")
      }
      let body = #"{"RemoteAddrs":["127.0.0.1:1"],"JoinToken":"\#(ScriptedSwarm.tokens.worker)"}"#
      #expect(try await server.request("POST", "/swarm/join", body: body).status == 200)
      #expect(swarm.change { $0.joins.first?.token } == ScriptedSwarm.tokens.worker)
    }
  }
}
