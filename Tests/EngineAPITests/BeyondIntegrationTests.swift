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
      var task: SwarmTask?
      for await event in try node.events(since: .zero) {
        if case .task(let change) = event, let new = change.new, new.status.state == .pending, !new.status.err.isEmpty {
          task = new
          break
        }
      }
      let id = try #require(task).id
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
      for await event in try node.events(since: .zero) {
        if case .task(let change) = event, change.new?.id == id, change.new?.nodeID != nil { break }
      }
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
      #expect(service.spec.task.container?.image == "ticker")
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
    let events = try node.events()
    func isReached() async throws -> Bool {
      try await node.tasks.list().count { $0.status.state == .running && $0.desiredState == .running } == count
    }
    if try await isReached() { return }
    for await _ in events { if try await isReached() { return } }
  }
}
