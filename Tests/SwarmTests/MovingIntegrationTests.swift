// SPDX-License-Identifier: Apache-2.0

import Swarm
import SwarmAgent
import SwarmControl
import SwarmModel
import TestTraits
import Testing

/// Managers that come back at another address (moby#41043).
@Suite("Moving managers", .serialized, .takingTurns, .timeLimit(.minutes(3)))
struct MovingIntegrationTests {
  @Test("workers find their only manager at its new address by gossip alone, and their tasks go on")
  func onlyManager() async throws {
    try await TestSwarm.run { swarm in
      let manager = swarm.node("m1", runtime: nil)
      try await manager.node.initialize()
      let workers = ["w1", "w2"].map { swarm.node($0) }
      for worker in workers { try await worker.node.join(manager.node.joinRequest(.worker)) }
      try await manager.node.services.create(ServiceSpec(name: "web", image: "web", replicas: 4))
      try await manager.node.waitForRunning(4)
      let tasks = try manager.node.replicatedStore().tasks().map(\.id)
      // Who is to be found by gossip must have been there.
      for node in [manager] + workers { _ = try await node.node.waitForGossip(present: 3) }
      let before = manager.node.local.nodeAddress
      await manager.kill()

      let moved = swarm.node("m1", runtime: nil, host: TestSwarm.anyHost())
      try await moved.node.waitForState(.active)
      // All that the workers were ever told is the old address, and nobody else could tell them.
      try await moved.node.wait { store in store.nodes().count { $0.status.state == .ready && $0.role == .worker } == 2 }
      #expect(moved.node.local.nodeAddress != before)
      try await moved.node.services.create(ServiceSpec(name: "more", image: "web", replicas: 2))
      try await moved.node.waitForRunning(6)
      #expect(Set(tasks).isSubset(of: try moved.node.replicatedStore().tasks().map(\.id)))
      let address = moved.node.local.nodeAddress
      try await moved.node.wait { store in store.nodes().contains { $0.managerStatus?.addr == address } }
      for worker in workers {
        while worker.node.local.managers.map(\.address) != [address] { try await Task.sleep(for: .milliseconds(20)) }
      }
    }
  }

  @Test("one of three managers moves: it is a member as before, and the others write down where it is")
  func oneOfThree() async throws {
    try await TestSwarm.run { swarm in
      let managers = try await swarm.managers(3)
      await managers[2].kill()
      let moved = swarm.node("m3", runtime: nil, host: TestSwarm.anyHost())
      try await moved.node.waitForState(.active)
      for node in [managers[0], managers[1], moved] {
        try await node.node.wait { store in store.nodes().contains { $0.managerStatus?.addr == moved.node.local.nodeAddress } }
      }
      #expect(try moved.node.replicatedStore().nodes().count == 3)
    }
  }

  @Test("all managers move at once: a worker that stays brings them together again")
  func all() async throws {
    try await TestSwarm.run { swarm in
      let managers = try await swarm.managers(3)
      let worker = swarm.node("w1")
      try await worker.node.join(managers[0].node.joinRequest(.worker))
      for node in managers + [worker] { _ = try await node.node.waitForGossip(present: 4) }
      for manager in managers { await manager.kill() }

      let moved = (1...3).map { swarm.node("m\($0)", runtime: nil, host: TestSwarm.anyHost()) }
      for node in moved { try await node.node.waitForState(.active) }
      for node in moved {
        try await node.node.wait { store in
          let addresses = store.nodes().compactMap { $0.managerStatus?.addr }
          return Set(addresses) == Set(moved.map(\.node.local.nodeAddress))
        }
      }
      try await moved[0].node.services.create(ServiceSpec(name: "web", image: "web", replicas: 2))
      try await moved[1].node.waitForRunning(2)
    }
  }
}

extension TestSwarm {
  /// Managers of one swarm that take no tasks.
  fileprivate func managers(_ count: Int) async throws -> [RunningNode] {
    let first = self.node("m1", runtime: nil)
    try await first.node.initialize()
    var all = [first]
    for index in 2...count {
      let next = self.node("m\(index)", runtime: nil)
      try await next.node.join(first.node.joinRequest(.manager))
      all.append(next)
    }
    return all
  }
}
