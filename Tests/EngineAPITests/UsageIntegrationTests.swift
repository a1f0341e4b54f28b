// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import Swarm
import SwarmCommands
import SwarmModel
import TestTraits
import Testing

@Suite("What a swarm uses, over the API", .serialized, .takingTurns, .timeLimit(.minutes(2)))
struct UsageAPIIntegrationTests {
  /// Two services on two nodes, and measurements that a clock of their own tells apart.
  private static func swarm() async throws -> ScriptedSwarm {
    let swarm = ScriptedSwarm.active()
    for name in ["api", "web"] { _ = try await swarm.createService(ServiceSpec(name: name, image: "\(name):1", replicas: 2)) }
    swarm.change { state in
      let tasks = state.tasks.values.sorted { $0.id < $1.id }
      state.onUsages = { nodes, look in
        let time = Timestamp(nanoseconds: Int64(look) * 1_000_000_000)
        return nodes.map { node in
          var usage = NodeUsage(
            node: node,
            time: time,
            processors: 2,
            cpuTime: .seconds(look),
            memoryBytes: 3 << 30,
            memoryTotal: 8 << 30
          )
          usage.tasks = tasks.filter { $0.nodeID == node }.map { task in
            // The first slots are the busier ones.
            let share = Int(task.slot == 1 ? 500 : 250)
            return TaskUsage(
              task: task.id,
              cpuTime: .milliseconds(look * share),
              memoryBytes: 1 << 20,
              memoryLimit: 64 << 20,
              processes: 3
            )
          }
          return usage
        }
      }
    }
    return swarm
  }

  @Test("all nodes with their tasks, or what is named alone")
  func filters() async throws {
    let swarm = try await Self.swarm()
    let nodes = try await swarm.nodes().sorted { $0.id < $1.id }
    let tasks = try await swarm.tasks()
    try await RunningServer.with(swarm) { server in
      func ask(_ filters: String) async throws -> [Engine.NodeUsage] {
        let answer = try await server.request("GET", "/v1.41/stats?filters=\(PercentCoding.encode(filters))")
        #expect(answer.status == 200, "\(answer.text)")
        return try answer.decode()
      }
      let all = try await ask("{}")
      #expect(all.map(\.nodeID) == nodes.map(\.id.description))
      #expect(Set(all.flatMap { $0.tasks ?? [] }.compactMap(\.taskID)) == Set(tasks.map(\.id.description)))
      let first = try #require(all.first)
      #expect(first.processors == 2 && first.memoryBytes == 3 << 30 && first.memoryTotal == 8 << 30)

      let web = try await swarm.service("web")
      let ofService = try await ask(#"{"service": ["web"]}"#).flatMap { $0.tasks ?? [] }.compactMap(\.taskID)
      #expect(Set(ofService) == Set(tasks.filter { $0.serviceID == web.id }.map(\.id.description)))
      let ofNode = try await ask(#"{"node": ["\#(nodes[0].id)"]}"#)
      #expect(ofNode.map(\.nodeID) == [first.nodeID] && ofNode.map { $0.tasks?.count } == [first.tasks?.count])
      #expect(try await server.request("GET", "/stats?filters=\(PercentCoding.encode(#"{"node": ["nope"]}"#))").status == 404)
      #expect(try await server.request("GET", "/stats?filters=\(PercentCoding.encode(#"{"color": ["red"]}"#))").status == 400)
    }
  }

  @Test("swarmctl stats shows how busy nodes and tasks were between two looks")
  func stats() async throws {
    let swarm = try await Self.swarm()
    try await RunningServer.with(swarm) { server in
      let format = "{{.Name}} {{.CPUPerc}} {{.MemUsage}} {{.PIDs}}"
      let all = await server.swarmctl(["stats", "--no-stream", "--format", format])
      #expect(all.exitCode == 0, "\(all.errors)")
      #expect(
        all.output == """
          node1 100.00% 3GiB / 8GiB\u{20}
          node2 100.00% 3GiB / 8GiB\u{20}
          api.1 50.00% 1MiB / 64MiB 3
          api.2 25.00% 1MiB / 64MiB 3
          web.1 50.00% 1MiB / 64MiB 3
          web.2 25.00% 1MiB / 64MiB 3

          """
      )
      let named = await server.swarmctl(["stats", "--no-stream", "--format", "{{.Name}}", "web"])
      #expect(named.output == "web.1\nweb.2\n")
      let unknown = await server.swarmctl(["stats", "--no-stream", "nope"])
      #expect(unknown == CommandOutput(exitCode: 1, output: "", errors: "no such service or node: nope\n"))
    }
  }

  @Test("swarmctl top shows nodes, services and the busiest tasks first; once, where nobody looks at a terminal")
  func top() async throws {
    let swarm = try await Self.swarm()
    try await RunningServer.with(swarm) { server in
      let shown = await server.swarmctl(["top"])
      #expect(shown.exitCode == 0, "\(shown.errors)")
      let lines = shown.output.split(separator: "\n").map { $0.split(separator: " ").first.map { String($0) } ?? "" }
      #expect(
        Array(lines.dropFirst()) == [
          "NODE", "node1", "node2", "SERVICE", "api", "web", "TASK", "api.1", "web.1", "api.2", "web.2",
        ]
      )
      #expect(shown.output.contains("nodes: 2 of 2 ready   services: 2   tasks: 4 of 4 running"))
    }
  }
}
