// SPDX-License-Identifier: Apache-2.0

import Swarm
import SwarmAgent
import SwarmControl
import SwarmModel
import TestTraits
import Testing

@Suite("Starting a swarm over", .serialized, .takingTurns, .timeLimit(.minutes(2)))
struct StartingOverIntegrationTests {
  @Test("the last of three managers goes on alone, with services, tasks and workers")
  func alone() async throws {
    try await TestSwarm.run { swarm in
      let (nodes, runtimes) = try await RoleIntegrationTests.threeManagers(swarm)
      let worker = swarm.node("w1")
      try await worker.node.join(nodes[0].node.joinRequest(.worker))
      _ = try await nodes[0].node.services.create(ServiceSpec(name: "web", image: "test", command: ["true"], replicas: 8))
      try await nodes[0].node.waitForRunning(8)
      let last = nodes[2]
      let tasks = runtimes[2].runningTaskIDs
      #expect(!tasks.isEmpty)

      let early = await #expect(throws: SwarmError.self) {
        try await last.node.initialize(InitializeRequest(forcesNewCluster: true))
      }
      #expect(early?.code == .failedPrecondition, "the others are there")
      #expect(try await last.node.services.list().count == 1)

      await nodes[0].kill()
      await nodes[1].kill()
      let id = try await last.node.initialize(InitializeRequest(forcesNewCluster: true))
      #expect(id == last.node.local.nodeID)
      #expect(try await last.node.services.get("web").spec.mode == .replicated(replicas: 8))
      try await last.node.waitForManagers(1)
      #expect(try await last.node.nodes.list().count { $0.spec.desiredRole == .manager } == 1)
      try await last.node.wait { store in
        store.tasks().count { $0.status.state == .running && $0.desiredState == .running } == 8
          && store.nodes().count { $0.status.state == .ready } == 2
      }
      #expect(Set(tasks).isSubset(of: runtimes[2].runningTaskIDs))
      let next = swarm.node("m4", runtime: nil)
      try await next.node.join(last.node.joinRequest(.manager))
      try await last.node.waitForManagers(2)

      // A lost manager that comes back after all learns that it is a worker now.
      let lost = try await last.node.nodes.get("m1").id
      let back = swarm.node("m1")
      try await back.node.waitForRole(.worker)
      try await last.node.wait { $0.node(lost)?.status.state == .ready && $0.node(lost)?.certificate?.role == .worker }
    }
  }

  @Test("outside a swarm it begins one, and a lone manager may as well")
  func harmless() async throws {
    try await TestSwarm.run { swarm in
      let node = swarm.node("m1", runtime: nil).node
      let id = try await node.initialize(InitializeRequest(forcesNewCluster: true))
      _ = try await node.services.create(ServiceSpec(name: "web", image: "test", command: ["true"], replicas: 0))
      #expect(try await node.initialize(InitializeRequest(forcesNewCluster: true)) == id)
      #expect(try await node.services.list().count == 1)
      let worker = swarm.node("w1")
      try await worker.node.join(node.joinRequest(.worker))
      let refused = await #expect(throws: SwarmError.self) {
        try await worker.node.initialize(InitializeRequest(forcesNewCluster: true))
      }
      #expect(refused?.code == .notManager)
    }
  }

  @Test("the manager that goes on may say another address to be reached at")
  func otherAddress() async throws {
    try await TestSwarm.run(host: "0.0.0.0") { swarm in
      let node = swarm.node("m1").node
      let id = try await node.initialize(InitializeRequest(advertiseAddress: "127.0.0.1"))
      _ = try await node.services.create(ServiceSpec(name: "web", image: "test", command: ["true"], replicas: 1))
      try await node.waitForRunning(1)
      let before = node.local.nodeAddress
      #expect(before.hasPrefix("127.0.0.1:"))
      let next = InitializeRequest(advertiseAddress: "127.0.0.2", forcesNewCluster: true)
      #expect(try await node.initialize(next) == id)
      let after = node.local.nodeAddress
      #expect(after == before.replacing("127.0.0.1:", with: "127.0.0.2:"))
      try await node.wait { $0.node(id)?.managerStatus?.addr == after }
      let worker = swarm.node("w1")
      try await worker.node.join(node.joinRequest(.worker))
      try await node.wait { $0.nodes().count { $0.status.state == .ready } == 2 }
    }
  }
}
