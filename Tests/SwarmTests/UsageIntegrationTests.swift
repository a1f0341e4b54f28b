// SPDX-License-Identifier: Apache-2.0

import ProcessRuntime
import Swarm
import SwarmAgent
import SwarmControl
import SwarmModel
import TestTraits
import Testing

@Suite("What a swarm uses", .serialized, .takingTurns, .timeLimit(.minutes(3)))
struct UsageIntegrationTests {
  @Test("nodes and their tasks are told through any manager, all or those that are named")
  func told() async throws {
    try await TestSwarm.run { swarm in
      let leader = swarm.node("m1", runtime: nil).node
      let first = try await leader.initialize()
      let follower = swarm.node("m2", runtime: nil).node
      try await follower.join(leader.joinRequest(.manager))
      let worker = swarm.node("w1", runtime: ProcessRuntime(configuration: ProcessRuntimeConfiguration(hostname: "w1"))).node
      try await worker.join(leader.joinRequest(.worker))
      let place = try #require(worker.local.nodeID)
      let spec = ServiceSpec(name: "web", image: "label", command: ["sleep", "1000"], replicas: 2)
      try await leader.services.create(spec)
      try await leader.waitForRunning(2)
      let tasks = Set(try await leader.tasks.list().map(\.id))
      do {
        for node in [leader, follower] {
          var usages: [NodeUsage] = []
          // A node listens a moment after its session began.
          while usages.count < 3 { usages = try await node.nodes.usage() }
          #expect(usages.map(\.node) == usages.map(\.node).sorted())
          #expect(usages.allSatisfy { $0.processors > 0 && $0.memoryTotal > 0 && $0.cpuTime > .zero && $0.time > .zero })
          let told = try #require(usages.first { $0.node == place })
          #expect(Set(told.tasks.map(\.task)) == tasks)
          #expect(told.tasks.allSatisfy { $0.processes == 1 && $0.memoryBytes > 0 })
          #expect(try await node.nodes.usage(of: [first]).map(\.node) == [first])
          #expect(try await node.nodes.usage(of: [NodeID()]) == [])
        }
        try await leader.services.remove("web")
        try await leader.wait { $0.tasks().isEmpty }
      } catch {
        try? await leader.services.remove("web")
        try? await leader.wait { $0.tasks().isEmpty }
        throw error
      }
    }
  }
}
