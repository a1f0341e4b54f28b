// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import Swarm
import SwarmAgent
import SwarmModel
import TestTraits
import Testing

@testable import EngineAPI

@Suite("Containers and images over the API", .serialized, .takingTurns, .timeLimit(.minutes(2)))
struct ContainerAPIIntegrationTests {
  /// A manager and a worker with two tasks of a service each; one of the manager's has ended, one that never ran was rejected.
  private static func swarm() async throws -> (swarm: ScriptedSwarm, running: SwarmTask, ended: SwarmTask) {
    let swarm = ScriptedSwarm.active()
    let container = ContainerSpec(
      image: "host:5000/web:1",
      labels: ["tier": "front"],
      command: ["sh"],
      args: ["-c", "sleep 9"],
      env: ["SLOT={{.Task.Slot}}", "ON={{.Node.ID}}"],
      dir: "/srv",
      mounts: [Mount(type: .volume, source: "data", target: "/data", readonly: true)],
      hostname: "h-{{.Task.Slot}}"
    )
    var spec = ServiceSpec(name: "web", image: "", replicas: 6)
    spec.task.runtime = .container(container)
    _ = try await swarm.createService(spec)
    let here = swarm.local.nodeID
    let tasks = try await swarm.tasks().filter { $0.nodeID == here }.sorted { $0.slot < $1.slot }
    #expect(tasks.count == 3)
    swarm.change { state in
      state.tasks[tasks[0].id]?.status.container = ContainerStatus(containerID: "c0ffee01", pid: 42)
      let port = PortConfig(targetPort: 80, publishedPort: 8080, publishMode: .host)
      state.tasks[tasks[0].id]?.status.portStatus = PortStatus(ports: [port])
      state.tasks[tasks[1].id]?.status.state = .failed
      state.tasks[tasks[1].id]?.status.container = ContainerStatus(containerID: "c0ffee02", exitCode: 3)
      state.tasks[tasks[2].id]?.status.state = .rejected
    }
    return (swarm, tasks[0], tasks[1])
  }

  private static func list(_ server: RunningServer, _ query: String = "", _ filters: String = "") async throws -> [String] {
    let filters = filters.isEmpty ? "" : "&filters=\(PercentCoding.encode(filters))"
    let answer = try await server.request("GET", "/v1.41/containers/json?\(query)\(filters)")
    guard answer.status == 200, case .array(let containers)? = answer.json else {
      return ["\(answer.status) \(answer.message ?? "")"]
    }
    return containers.map { container in
      if case .string(let id)? = container["Id"] { id } else { "" }
    }
  }

  @Test("running tasks of this node alone are listed, with the fields and labels that docker gives them")
  func list() async throws {
    let (swarm, running, ended) = try await Self.swarm()
    try await RunningServer.with(swarm) { server in
      let answer = try await server.request("GET", "/v1.41/containers/json?all=1")
      guard case .array(let containers)? = answer.json else { return #expect(Bool(false), "\(answer)") }
      #expect(containers.count == 2)
      let first = try #require(containers.first { $0["Id"] == .string("c0ffee01") })
      #expect(first["Names"] == .array([.string("/web.\(running.slot).\(running.id)")]))
      #expect(first["Image"] == .string("host:5000/web:1"))
      #expect(first["Command"] == .string("sh -c 'sleep 9'"))
      #expect(first["State"] == .string("running"))
      #expect(first["Created"] == .integer(1_700_000_000))
      #expect(first["Mounts"] != .array([]))
      guard case .string(let status)? = first["Status"] else { return #expect(Bool(false), "\(first)") }
      #expect(status.hasPrefix("Up ") && !status.hasSuffix("ago"), "\(status)")
      let port: JSONValue = .object([
        "IP": .string("0.0.0.0"), "PrivatePort": .integer(80), "PublicPort": .integer(8080), "Type": .string("tcp"),
      ])
      #expect(first["Ports"] == .array([port]))
      let labels = first["Labels"]
      #expect(labels?["tier"] == .string("front"))
      #expect(labels?["com.docker.swarm.task"] == .string(""))
      #expect(labels?["com.docker.swarm.task.id"] == .string(running.id.description))
      #expect(labels?["com.docker.swarm.task.name"] == .string("web.\(running.slot).\(running.id)"))
      #expect(labels?["com.docker.swarm.node.id"] == .string(swarm.local.nodeID?.description ?? ""))
      #expect(labels?["com.docker.swarm.service.id"] == .string(running.serviceID?.description ?? ""))
      #expect(labels?["com.docker.swarm.service.name"] == .string("web"))
      let second = try #require(containers.first { $0["Id"] == .string("c0ffee02") })
      #expect(second["State"] == .string("exited"))
      #expect(second["Ports"] == .array([]))
      guard case .string(let end)? = second["Status"] else { return #expect(Bool(false), "\(second)") }
      #expect(end.hasPrefix("Exited (3) ") && end.hasSuffix(" ago"), "\(end)")
      #expect(try await Self.list(server) == ["c0ffee01"])
      let info = try await server.request("GET", "/info").json
      #expect(info?["Containers"] == .integer(2))
      #expect(info?["ContainersRunning"] == .integer(1))
      #expect(info?["Images"] == .integer(1))
      _ = ended
    }
  }

  @Test("filters and limits choose; those that aren't known are refused by name")
  func filters() async throws {
    let (swarm, running, _) = try await Self.swarm()
    try await RunningServer.with(swarm) { server in
      let both = try await Self.list(server, "all=1")
      #expect(Set(both) == ["c0ffee01", "c0ffee02"])
      #expect(try await Self.list(server, "limit=1") == [both[0]])
      #expect(try await Self.list(server, "limit=0") == ["c0ffee01"])
      for (filters, expected) in [
        (#"{"id":["c0ffee0"]}"#, ["c0ffee01"]), (#"{"id":["ffee"]}"#, []), (#"{"status":["exited"]}"#, ["c0ffee02"]),
        (#"{"status":{"exited":true,"running":true}}"#, both), (#"{"exited":["3"]}"#, ["c0ffee02"]),
        (#"{"exited":["0"]}"#, []), (#"{"name":["web"]}"#, ["c0ffee01"]),
        (#"{"name":["^/web.\#(running.slot).\#(running.id)$"]}"#, ["c0ffee01"]),
        (#"{"name":["^eb"]}"#, []), (#"{"name":["^web$"]}"#, []), (#"{"label":["tier=front"]}"#, ["c0ffee01"]),
        (#"{"label":["tier=front","nope"]}"#, []), (#"{"label":["com.docker.swarm.service.name=web"]}"#, ["c0ffee01"]),
        (#"{"ancestor":["host:5000/web:1"]}"#, ["c0ffee01"]), (#"{"ancestor":["web"]}"#, []),
        (#"{"is-task":["true"]}"#, ["c0ffee01"]),
        (#"{"is-task":["false"]}"#, []), (#"{"volume":["data"]}"#, ["400 Invalid filter 'volume'"]),
        (#"{"status":["upset"]}"#, ["400 invalid filter 'status=upset'"]),
        (#"{"exited":["x"]}"#, ["400 invalid filter 'exited=x'"]),
        (#"{"is-task":["x"]}"#, ["400 invalid filter 'is-task=x'"]), ("nonsense", ["400 invalid filters: the text isn't JSON"]),
      ] {
        #expect(try await Self.list(server, "", filters) == expected, "\(filters)")
      }
      #expect(try await Self.list(server, "limit=x") == [#"400 strconv.Atoi: parsing "x": invalid syntax"#])
    }
  }

  @Test("a container is found by id, name and the beginning of an id, and shows state, configuration and limits")
  func inspect() async throws {
    let (swarm, running, _) = try await Self.swarm()
    try await RunningServer.with(swarm) { server in
      func inspect(_ reference: String) async throws -> RunningServer.Answer {
        try await server.request("GET", "/v1.41/containers/\(reference)/json")
      }
      let name = "web.\(running.slot).\(running.id)"
      for reference in ["c0ffee01", name, "%2F\(name)"] {
        #expect(try await inspect(reference).json?["Id"] == .string("c0ffee01"), "\(reference)")
      }
      let ambiguous = try await inspect("c0ffee")
      #expect((ambiguous.status, ambiguous.message) == (400, "Multiple IDs found with provided prefix: c0ffee"))
      for unknown in ["nope", running.id.description, "ffee01", "web.\(running.slot)", String(repeating: "a", count: 5000)] {
        let answer = try await inspect(unknown)
        #expect((answer.status, answer.message) == (404, "No such container: \(unknown)"))
      }
      let details = try #require(try await inspect(name).json)
      #expect(details["Name"] == .string("/\(name)"))
      #expect(details["Path"] == .string("sh"))
      #expect(details["Args"] == .array([.string("-c"), .string("sleep 9")]))
      #expect(details["State"]?["Status"] == .string("running"))
      #expect(details["State"]?["Running"] == .bool(true))
      #expect(details["State"]?["Pid"] == .integer(42))
      #expect(details["State"]?["StartedAt"] != .string("0001-01-01T00:00:00Z"))
      #expect(details["State"]?["FinishedAt"] == .string("0001-01-01T00:00:00Z"))
      let config = details["Config"]
      #expect(config?["Image"] == .string("host:5000/web:1"))
      #expect(config?["Cmd"] == .array([.string("-c"), .string("sleep 9")]))
      #expect(config?["Entrypoint"] == .array([.string("sh")]))
      #expect(config?["Hostname"] == .string("h-\(running.slot)"))
      #expect(
        config?["Env"] == .array([.string("SLOT=\(running.slot)"), .string("ON=\(swarm.local.nodeID?.description ?? "")")])
      )
      #expect(config?["Tty"] == .bool(false))
      #expect(details["NetworkSettings"]?["Ports"]?["80/tcp"] != nil)
      let ended = try await inspect("c0ffee02").json?["State"]
      #expect(ended?["Status"] == .string("exited"))
      #expect(ended?["ExitCode"] == .integer(3))
      #expect(ended?["Pid"] == .integer(0))
      #expect(ended?["FinishedAt"] != .string("0001-01-01T00:00:00Z"))
    }
  }

  @Test("a container whose runtime has no id of its own for it gets one that is no task's, and its task has the same")
  func madeUpID() async throws {
    let (swarm, task, ended) = try await Self.swarm()
    swarm.change { state in
      state.tasks[task.id]?.status.container?.containerID = task.id.description
      state.tasks[ended.id]?.status.container?.containerID = ""
    }
    try await RunningServer.with(swarm) { server in
      let id = try #require(try await Self.list(server).first)
      #expect(id.utf8.count == 64 && id.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
      for reference in [id, String(id.prefix(12)), "web.\(task.slot).\(task.id)"] {
        #expect(try await server.request("GET", "/containers/\(reference)/json").json?["Id"] == .string(id), "\(reference)")
      }
      #expect(try await Self.list(server, "", #"{"id":["\#(id.prefix(12))"]}"#) == [id])
      for reference in [task.id.description, String(task.id.description.prefix(12))] {
        #expect(try await server.request("GET", "/containers/\(reference)/json").status == 404, "\(reference)")
      }
      let status = try await server.request("GET", "/tasks/\(task.id)").json?["Status"]?["ContainerStatus"]
      #expect(status?["ContainerID"] == .string(id))
      #expect(status?["PID"] == .integer(42))
      let other = try await server.request("GET", "/tasks/\(ended.id)").json?["Status"]?["ContainerStatus"]?["ContainerID"]
      #expect(try await Self.list(server, "", #"{"status":["exited"]}"#).map { .string($0) } == [other])
    }
  }

  @Test("what changes containers is refused with what to do instead, once there is such a container")
  func refusals() async throws {
    let (swarm, _, _) = try await Self.swarm()
    try await RunningServer.with(swarm) { server in
      for (method, path) in [
        ("POST", "/containers/c0ffee01/start"), ("POST", "/containers/c0ffee01/stop"), ("POST", "/containers/c0ffee01/kill"),
        ("POST", "/containers/c0ffee01/restart"), ("DELETE", "/containers/c0ffee01"), ("POST", "/containers/c0ffee01/pause"),
      ] {
        let answer = try await server.request(method, path)
        #expect(answer.status == 501, "\(path)")
        #expect(answer.message?.hasPrefix("tasks are started and stopped by their service") == true, "\(path)")
      }
      for path in ["/containers/c0ffee01/top", "/containers/c0ffee01/archive", "/containers/c0ffee01/export"] {
        #expect(try await server.request("GET", path).message?.contains("docker exec") == true, "\(path)")
      }
      #expect(try await server.request("POST", "/containers/nope/stop").message == "No such container: nope")
      let creation = try await server.request("POST", "/containers/create", body: "{}")
      #expect((creation.status, creation.message) == (501, "containers outside of services are not available yet in swift-swarm"))
    }
  }

  @Test("logs are those of the task")
  func logs() async throws {
    let (swarm, running, _) = try await Self.swarm()
    swarm.change { state in
      state.logs = [
        TaskLogLine(
          service: running.serviceID,
          node: running.nodeID ?? NodeID(),
          task: running.id,
          timestamp: Timestamp(nanoseconds: 1_700_000_000_000_000_000),
          stream: .stderr,
          bytes: Array("hello\n".utf8)
        )
      ]
    }
    try await RunningServer.with(swarm) { server in
      let logs = try await server.request("GET", "/containers/c0ffee01/logs?stdout=1&stderr=1&tail=3")
      #expect(logs.text == "\u{2}\0\0\0\0\0\0\u{6}hello\n")
      #expect(swarm.change { $0.logRequests.last?.tail } == 3)
      #expect(try await server.request("GET", "/containers/nope/logs?stdout=1").status == 404)
      let until = try await server.request("GET", "/containers/c0ffee01/logs?stdout=1&until=5")
      #expect((until.status, until.message) == (501, "logs until a moment are not available yet in swift-swarm"))
    }
  }

  @Test("what a task uses is told every second, with what it had used before")
  func stats() async throws {
    let (swarm, running, _) = try await Self.swarm()
    let start = running.status.timestamp.nanoseconds
    swarm.change { state in
      state.onUsages = { nodes, look in
        let usage = TaskUsage(task: running.id, cpuTime: .seconds(look), memoryBytes: 1_000, memoryLimit: 0, processes: 2)
        return nodes.map {
          NodeUsage(
            node: $0,
            time: Timestamp(nanoseconds: start + Int64(look)),
            processors: 4,
            memoryTotal: 9_000,
            tasks: [usage]
          )
        }
      }
    }
    try await RunningServer.with(swarm) { server in
      let one = try await server.request("GET", "/containers/c0ffee01/stats?stream=0&one-shot=1").json
      #expect(one?["id"] == .string("c0ffee01"))
      #expect(one?["cpu_stats"]?["cpu_usage"]?["total_usage"] == .integer(1_000_000_000))
      #expect(one?["cpu_stats"]?["system_cpu_usage"] == .integer(4))
      #expect(one?["precpu_stats"]?["cpu_usage"]?["total_usage"] == .integer(0))
      #expect(one?["memory_stats"]?["limit"] == .integer(9_000))
      #expect(one?["pids_stats"]?["current"] == .integer(2))
      let two = try await server.request("GET", "/containers/c0ffee01/stats?stream=false").json
      #expect(two?["cpu_stats"]?["cpu_usage"]?["total_usage"] == .integer(3_000_000_000))
      #expect(two?["precpu_stats"]?["cpu_usage"]?["total_usage"] == .integer(2_000_000_000))
      var stream = try await server.follow("/containers/c0ffee01/stats")
      _ = try await stream.next()
      let second = try #require(try await stream.next())
      let line = try EngineJSON.decode(JSONValue.self, from: second)
      #expect(line["precpu_stats"]?["cpu_usage"]?["total_usage"] == .integer(4_000_000_000))
      #expect(try await server.request("GET", "/containers/c0ffee02/stats").message == "container c0ffee02 is not running")
      swarm.change { $0.onUsages = { _, _ in [] } }
      let gone = try await server.request("GET", "/containers/c0ffee01/stats?stream=0")
      #expect((gone.status, gone.text) == (200, "{}"))
    }
  }

  @Test("images are those of this node's tasks, under any of their names")
  func images() async throws {
    let (swarm, _, _) = try await Self.swarm()
    _ = try await swarm.createService(
      ServiceSpec(name: "db", image: "docker.io/library/redis@sha256:\(String(repeating: "a", count: 64))", replicas: 2)
    )
    try await RunningServer.with(swarm) { server in
      guard case .array(let images)? = try await server.request("GET", "/images/json").json else { return #expect(Bool(false)) }
      #expect(images.map { $0["RepoTags"] } == [.array([.string("redis:latest")]), .array([.string("host:5000/web:1")])])
      for name in ["redis", "redis:latest", "docker.io/library/redis", "host:5000/web:1"] {
        let answer = try await server.request("GET", "/v1.41/images/\(name)/json")
        #expect(answer.status == 200, "\(name)")
        guard case .string(let id)? = answer.json?["Id"] else { return #expect(Bool(false), "\(answer)") }
        #expect(id.utf8.count == 71 && id.hasPrefix("sha256:"))
        #expect(try await server.request("GET", "/images/\(id)/json").json == answer.json)
        #expect(try await server.request("GET", "/images/\(id.dropFirst(7).prefix(12))/json").json == answer.json)
      }
      for name in ["redis:2", "web:1", "nope", "a/b/c"] {
        let answer = try await server.request("GET", "/images/\(name)/json")
        #expect((answer.status, answer.message) == (404, "No such image: \(name)"))
      }
      #expect(try await server.request("GET", "/images/nope").status == 501)
      let pull = try await server.request("POST", "/images/create?fromImage=redis&tag=3")
      #expect(pull.status == 501)
      #expect(pull.message?.contains("name redis in a service") == true)
      let filtered = try await server.request("GET", "/images/json?filters=\(PercentCoding.encode(#"{"reference":["redis"]}"#))")
      #expect(filtered.text.contains("redis:latest") && !filtered.text.contains("web:1"))
    }
  }

  @Test("outside a swarm there are none")
  func outside() async throws {
    try await RunningServer.with(ScriptedSwarm()) { server in
      let containers = try await server.request("GET", "/containers/json?all=1")
      let images = try await server.request("GET", "/images/json")
      let one = try await server.request("GET", "/containers/x/json")
      #expect((containers.text, images.text, one.status) == ("[]\n", "[]\n", 404))
    }
  }

  @Test("a node knows its tasks, and what they write, itself: while it is a worker as well, and with no manager to ask")
  func worker() async throws {
    try await RunningManager.withWorker { server, manager, worker, stopManager in
      var spec = ServiceSpec(name: "t", image: "ticker", replicas: 1)
      spec.mode = .global
      _ = try await manager.services.create(spec)
      while worker.localTasks.first?.status.state != .running { try await Task.sleep(for: .milliseconds(20)) }
      await stopManager()
      let id = try #require(worker.localTasks.first).id
      let containers = try await server.request("GET", "/containers/json").json
      guard case .array(let list)? = containers else { return #expect(Bool(false)) }
      let container = MadeUpID.digits(id.description)
      #expect(list.map { $0["Id"] } == [.string(container)])
      #expect(list.first?["Labels"]?["com.docker.swarm.service.name"] == .string("t"))
      var logs = try await server.follow("/containers/\(container)/logs?stdout=1&follow=1")
      let first = try #require(try await logs.next())
      #expect(String(decoding: first, as: UTF8.self).contains("tick-1\n"))
      let created = try await server.request(
        "POST",
        "/containers/\(container)/exec",
        body: #"{"Cmd":["ls"],"AttachStderr":true}"#
      )
      guard case .string(let command)? = created.json?["Id"] else { return #expect(Bool(false), "\(created)") }
      // Closures can't have commands beside them, which comes from their runtime, not from a manager.
      let answer = try await server.request("POST", "/exec/\(command)/start", body: "{}")
      #expect(answer.status == 200)
      #expect(answer.text.contains("command"), "\(answer)")
      #expect(try await server.request("GET", "/exec/\(command)/json").json?["ExitCode"] == .integer(126))
    }
  }
}
