// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import Foundation
import Swarm
import SwarmAgent
import SwarmModel
import TestTraits
import Testing

@Suite("Events and logs of a running swarm", .serialized, .takingTurns, .timeLimit(.minutes(2)))
struct EventIntegrationTests {
  private static let serviceEvents = ["events", "--since", "1m", "--until", "0s", "-f", "type=service", "--format", "json"]

  private static func lives(_ server: RunningServer) async throws {
    for arguments in [
      ["service", "create", "-d", "-q", "--replicas", "0", "--name", "web", "ticker"],
      ["service", "update", "-d", "-q", "--label-add", "a=b", "web"],
      ["service", "rm", "web"],
      ["node", "update", "--availability", "drain", "node1"],
    ] {
      let done = await server.swarmctl(arguments)
      #expect(done.exitCode == 0, "\(arguments): \(done)")
    }
  }

  private static func past(_ server: RunningServer, _ filters: String = "{}") async throws -> [Engine.Event] {
    let now = Int(Date().timeIntervalSince1970)
    // The answer ends with its time.
    let answer = try await server.request(
      "GET",
      "/events?since=\(now - 60)&until=\(now + 1)&filters=\(PercentCoding.encode(filters))"
    )
    #expect(answer.status == 200 && answer.headers["content-type"] == "application/json")
    return try answer.text.split(separator: "\n").map { try EngineJSON.decode(Engine.Event.self, from: Array($0.utf8)) }
  }

  @Test("what happened is told again, filtered, with what changed")
  func history() async throws {
    try await RunningManager.with { server, node in
      try await Self.lives(server)
      let services = try await Self.past(server, #"{"type":["service"]}"#)
      #expect(services.map(\.action) == ["create", "update", "remove"])
      #expect(services.allSatisfy { $0.type == "service" && $0.scope == "swarm" && $0.actor?.attributes?["name"] == "web" })
      #expect(services.compactMap(\.timeNano) == services.compactMap(\.timeNano).sorted())
      let nodes = try await Self.past(server, #"{"node":{"node1":true},"event":{"update":true}}"#)
      let drained = try #require(nodes.last)
      #expect(drained.actor?.id == node.local.nodeID?.description)
      #expect(drained.actor?.attributes?["availability.old"] == "active")
      #expect(try await Self.past(server, #"{"service":["other"]}"#).isEmpty)
      #expect(try await Self.past(server, #"{"scope":["local"]}"#).isEmpty)
      let refused = try await server.request("GET", "/events?filters=%7B%22bogus%22%3A%5B%22x%22%5D%7D")
      #expect(refused.status == 400)
      let backwards = try await server.request("GET", "/events?since=5&until=3")
      #expect(backwards.status == 400)

      let shown = await server.swarmctl([
        "events", "--since", "1m", "--until", "0s", "--filter", "type=service", "--format", "{{.Action}}",
      ])
      #expect(shown.output == "create\nupdate\nremove\n", "\(shown)")
      let line = await server.swarmctl(["events", "--since", "1m", "--until", "0s", "-f", "event=remove"])
      #expect(line.output.contains(" service remove ") && line.output.hasSuffix(" (name=web)\n"), "\(line)")
    }
  }

  @Test("what was answered before somebody asks is among what has happened")
  func atOnce() async throws {
    try await RunningManager.with { server, node in
      // The server hears of the swarm a moment after it has begun.
      while try await Self.past(server).isEmpty {
        _ = try await node.configs.create(ConfigSpec(annotations: Annotations(name: "first-\(UUID())"), data: [1]))
      }
      for number in 0..<5 {
        _ = try await node.configs.create(ConfigSpec(annotations: Annotations(name: "c\(number)"), data: [1]))
        // Its end is over already: what comes later isn't waited for.
        let now = Date().timeIntervalSince1970
        let answer = try await server.request("GET", "/events?since=\(Int(now) - 60)&until=\(String(format: "%.6f", now))")
        #expect(answer.text.contains(#""name":"c\#(number)""#), "\(answer.text)")
      }
    }
  }

  @Test("events go on when the node leaves its swarm and begins another one")
  func anotherSwarm() async throws {
    try await RunningManager.with { server, node in
      try await node.leave(force: true)
      try await node.initialize()
      var events: [Engine.Event] = []
      // The server hears of the new swarm a moment after it has begun.
      var number = 0
      while events.isEmpty {
        number += 1
        let made = await server.swarmctl(["secret", "create", "key\(number)", "/proc/self/comm"])
        #expect(made.exitCode == 0, "\(made)")
        events = try await Self.past(server, #"{"type":["secret"]}"#)
      }
      #expect(events.allSatisfy { $0.action == "create" })
    }
  }

  @Test("of what comes after a moment that is past nothing is told, however long past it is", arguments: ["1", "-9999999999999"])
  func past(until: String) async throws {
    try await RunningServer.with(ScriptedSwarm.active()) { server in
      let answer = try await server.request("GET", "/events?until=\(until)")
      #expect((answer.status, answer.text) == (200, ""))
    }
  }

  @Test(
    "a job's progress is found by docker's client",
    .enabled(if: DockerClient.path != nil, "the docker client isn't installed")
  )
  func job() async throws {
    try await RunningManager.with { server, _ in
      let job = ["service", "create", "--name", "job", "--mode", "replicated-job", "--replicas", "3", "--max-concurrent", "2"]
      let done = try await DockerClient.run(job + ["--no-resolve-image", "brief"], host: server.host)
      #expect(done.exitCode == 0 && done.output.contains("job complete"), "\(done)")
    }
  }

  @Test(
    "docker's events and logs follow a swarm, and end with their client",
    .enabled(if: DockerClient.path != nil, "the docker client isn't installed")
  )
  func docker() async throws {
    try await RunningManager.with { server, node in
      try await Self.lives(server)
      // "0s" is the present second's beginning to docker.
      let second = Int(Date().timeIntervalSince1970)
      while Int(Date().timeIntervalSince1970) == second { await Task.yield() }
      let docker = try await DockerClient.run(
        [
          "events", "--since", "1m", "--until", "0s", "--filter", "type=service", "--format",
          "{{.Action}} {{.Actor.Attributes.name}}",
        ],
        host: server.host
      )
      #expect(docker.output == "create web\nupdate web\nremove web\n", "\(docker)")
      let json = await server.swarmctl(Self.serviceEvents)
      let theirs = try await DockerClient.run(Self.serviceEvents, host: server.host)
      #expect(json.output.split(separator: "\n").count == 3, "\(json)")
      #expect(theirs.output.split(separator: "\n").count == 3, "\(theirs)")

      _ = await server.swarmctl(["node", "update", "--availability", "active", "node1"])
      _ = await server.swarmctl(["service", "create", "-d", "-q", "--name", "ticks", "ticker"])
      let lines = try await DockerClient.lines(6, of: ["service", "logs", "-f", "--raw", "ticks"], host: server.host)
      #expect(lines == (1...6).map { "tick-\($0)" })
      // The removal of the first service is past, that of the second one is still to come.
      let follower = ["events", "--since", "1m", "-f", "event=remove"]
      let events = try await DockerClient.lines(2, of: follower, host: server.host) {
        _ = await server.swarmctl(["service", "rm", "ticks"])
      }
      #expect(events.allSatisfy { $0.contains("service remove") }, "\(events)")
      #expect(events.last?.hasSuffix("(name=ticks)") == true, "\(events)")
    }
  }
}
