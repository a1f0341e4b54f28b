// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import Foundation
import Swarm
import SwarmModel
import TestTraits
import Testing

@Suite("Beyond Docker's API", .serialized, .takingTurns, .timeLimit(.minutes(2)))
struct BeyondIntegrationTests {
  private static func done(_ server: RunningServer, _ arguments: String...) async throws -> String {
    let result = await server.swarmctl(arguments)
    #expect(result.exitCode == 0, "\(arguments): \(result)")
    return result.output
  }

  @Test("why tasks wait is told by service and by task, and where one more would fit")
  func explain() async throws {
    try await RunningManager.with { server, node in
      _ = try await Self.done(
        server,
        "service",
        "create",
        "-d",
        "-q",
        "--name",
        "web",
        "--constraint",
        "node.labels.disk==ssd",
        "ticker"
      )
      try await Self.wait(node) { $0.contains { $0.status.state == .pending && !$0.status.err.isEmpty } }
      let id = try #require(try await node.tasks.list().first).id
      let expected = """
        Task \(id) in slot 1 has no node; 0 of 1 node could take it.
          1 because of constraints
          nearest: node1: node.labels.disk==ssd doesn't hold: it has nothing like that

        """
      #expect(try await Self.done(server, "service", "explain", "web") == expected)
      #expect(try await Self.done(server, "service", "explain", id.description) == expected)
      let nothing = await server.swarmctl(["service", "explain", "nope"])
      #expect(nothing.exitCode == 1 && nothing.errors.contains("no such task or service: nope"))

      _ = try await Self.done(server, "node", "update", "--label-add", "disk=ssd", "node1")
      try await Self.wait(node) { $0.contains { $0.id == id && $0.nodeID != nil } }
      let placed = try await Self.done(server, "service", "explain", "web")
      #expect(placed.contains("is on node") && placed.contains("1 of 1 node could take one more."), "\(placed)")
    }
  }

  @Test("what commands would do is told, and nothing is changed")
  func plan() async throws {
    try await RunningManager.with { server, node in
      let create = try await Self.done(server, "plan", "service", "create", "--name", "web", "--replicas", "2", "ticker")
      #expect(
        create.contains("web.1") && create.contains("web.2") && create.contains("node1") && create.contains("runs"),
        "\(create)"
      )
      #expect(try await node.services.list().isEmpty)
      _ = try await Self.done(server, "service", "create", "-d", "-q", "--name", "web", "--replicas", "2", "ticker")
      try await Self.waitForRunning(2, node)
      let update = try await Self.done(server, "plan", "service", "update", "--image", "ticker:2", "web")
      #expect(update.contains("stops") && update.contains("At the least, 1 task of web would run at a time."), "\(update)")
      let scale = try await Self.done(server, "plan", "service", "scale", "web=3")
      #expect(scale.contains("web.3") && !scale.contains("stops"), "\(scale)")
      let removal = try await Self.done(server, "plan", "service", "rm", "web")
      #expect(removal.contains("stops"), "\(removal)")
      #expect(
        try await Self.done(server, "plan", "service", "update", "--label-add", "a=b", "web")
          == "Nothing would happen to any task.\n"
      )
      let service = try await node.services.get("web")
      #expect(service.spec.task.container?.image == "ticker:latest")
      #expect(try await node.tasks.list().count == 2)
      let other = await server.swarmctl(["plan", "node", "ls"])
      #expect(other.exitCode == 125, "\(other)")
      let wrong = try await server.request("POST", "/plan", body: "[{}]")
      #expect(wrong.status == 400)
    }
  }

  @Test("a stack's services are planned before anything of the stack exists")
  func stackPlan() async throws {
    let directory = try TemporaryDirectory()
    let file = "\(directory.path)/stack.yml"
    let text = """
      services:
        web:
          image: ticker
          networks: [front]
          secrets: [key]
      networks:
        front:
      secrets:
        key:
          file: ./key

      """
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    try "x".write(toFile: "\(directory.path)/key", atomically: true, encoding: .utf8)
    try await RunningManager.with { server, node in
      let planned = try await Self.done(server, "plan", "stack", "deploy", "-c", file, "shop")
      #expect(planned.contains("shop_web.1") && planned.contains("runs"), "\(planned)")
      #expect(try await node.services.list().isEmpty)
      #expect(try await node.secrets.list().isEmpty)
      _ = try await Self.done(server, "stack", "deploy", "-c", file, "shop")
      try await Self.waitForRunning(1, node)
      #expect(try await Self.done(server, "plan", "stack", "deploy", "-c", file, "shop") == "Nothing would happen to any task.\n")
    }
  }

  @Test("dependencies, schedules and strategies are said, kept by whoever doesn't know them, and taken back")
  func conduct() async throws {
    try await RunningManager.with { server, node in
      let web = [
        "service", "create", "-d", "-q", "--name", "web", "--depends-on", "db:started", "--placement-strategy", "binpack",
      ]
      #expect(await server.swarmctl(web + ["ticker"]).exitCode == 0)
      let job = ["service", "create", "-q", "--name", "nightly", "--mode", "replicated-job", "--schedule", "30 2 * * *"]
      #expect(await server.swarmctl(job + ["--schedule-overlap", "replace", "ticker"]).exitCode == 0)

      let spec = try await node.services.get("web").spec
      #expect(spec.dependencies == [ServiceDependency(service: "db", condition: .started)])
      #expect(spec.task.placement?.strategy == .binpack)
      #expect(try await node.services.get("nightly").spec.schedule == JobSchedule(cron: "30 2 * * *", ifRunning: .replace))
      #expect(try await node.tasks.list().isEmpty)
      let sheet = try await Self.done(server, "service", "inspect", "--pretty", "nightly")
      #expect(sheet.contains("Schedule:") && sheet.contains("30 2 * * * (replace)"), "\(sheet)")

      // What a client of Docker's sends back has nothing of it.
      let version = try await node.services.get("web").meta.version.index
      let body = #"{"Name":"web","TaskTemplate":{"ContainerSpec":{"Image":"ticker:2"}},"Mode":{"Replicated":{"Replicas":1}}}"#
      #expect(try await server.request("POST", "/services/web/update?version=\(version)", body: body).status == 200)
      let kept = try await node.services.get("web").spec
      #expect(kept.dependencies == spec.dependencies && kept.task.placement?.strategy == .binpack)
      #expect(kept.task.container?.image == "ticker:2")

      _ = try await Self.done(server, "service", "create", "-d", "-q", "--name", "db", "ticker")
      try await Self.waitForRunning(2, node)
      let less = ["service", "update", "-d", "--depends-on", "", "--placement-strategy", "spread", "web"]
      #expect(await server.swarmctl(less).exitCode == 0)
      let without = try await node.services.get("web").spec
      #expect(without.dependencies.isEmpty && without.task.placement?.strategy == .spread)
      #expect(await server.swarmctl(["service", "update", "-d", "--schedule", "", "nightly"]).exitCode == 0)
      #expect(try await node.services.get("nightly").spec.schedule == nil)

      for wrong in [["--depends-on", "db:warm"], ["--placement-strategy", "tight"], ["--schedule-overlap", "wait"]] {
        let refused = await server.swarmctl(["service", "create", "-d", "--name", "no"] + wrong + ["ticker"])
        #expect(refused.exitCode != 0 && !refused.errors.isEmpty, "\(wrong): \(refused)")
      }
    }
  }

  @Test("services are stopped, started and restarted as they are")
  func verbs() async throws {
    try await RunningManager.with { server, node in
      _ = try await Self.done(server, "service", "create", "-d", "-q", "--name", "web", "--replicas", "2", "ticker")
      try await Self.waitForRunning(2, node)
      #expect(try await Self.done(server, "service", "stop", "web") == "web\n")
      try await Self.waitForRunning(0, node)
      #expect(try await node.services.get("web").isStopped)
      _ = try await Self.done(server, "service", "start", "-d", "web")
      try await Self.waitForRunning(2, node)
      let before = Set(try await node.tasks.list().map(\.id))
      _ = try await Self.done(server, "service", "restart", "-d", "web")
      while Set(try await node.tasks.list().map(\.id)).isSubset(of: before) { await Task.yield() }
      let missing = await server.swarmctl(["service", "stop", "nope"])
      #expect(missing.exitCode == 1 && missing.errors.contains("service nope not found"), "\(missing)")
    }
  }

  private static func waitForRunning(_ count: Int, _ node: SwarmNode) async throws {
    try await self.wait(node) { $0.count { $0.status.state == .running && $0.desiredState == .running } == count }
  }

  /// Waits until the tasks are as they should be, looking again at every event.
  private static func wait(_ node: SwarmNode, _ isTrue: ([SwarmTask]) -> Bool) async throws {
    let events = try node.events()
    if isTrue(try await node.tasks.list()) { return }
    for await _ in events where isTrue(try await node.tasks.list()) { return }
  }
}
