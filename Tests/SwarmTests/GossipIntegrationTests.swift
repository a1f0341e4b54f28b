// SPDX-License-Identifier: Apache-2.0

import Swarm
import SwarmAgent
import SwarmControl
import SwarmModel
import TestTraits
import Testing

@Suite("Gossip of nodes", .serialized, .takingTurns, .timeLimit(.minutes(2)))
struct GossipIntegrationTests {
  @Test("managers and workers gossip with each other, and notice who is cut off and who comes back")
  func everybody() async throws {
    try await TestSwarm.run { swarm in
      let first = swarm.node("m1")
      try await first.node.initialize()
      let second = swarm.node("m2")
      try await second.node.join(first.node.joinRequest(.manager))
      let worker = swarm.node("w1")
      try await worker.node.join(first.node.joinRequest(.worker))
      let all = Set([first, second, worker].compactMap(\.node.local.nodeID))
      for node in [first, second, worker] {
        #expect(try await Set(node.node.waitForGossip(present: 3)) == all)
      }
      await worker.kill()
      for node in [first, second] { _ = try await node.node.waitForGossip(present: 2) }
      let restarted = swarm.node("w1")
      for node in [first, second] { #expect(try await Set(node.node.waitForGossip(present: 3)) == all) }
      #expect(try await Set(restarted.node.waitForGossip(present: 3)) == all)
      // Gossip changes nothing about who is a manager, or what the log says of nodes that live.
      #expect(try first.node.replicatedStore().nodes().count == 3)
    }
  }

  @Test("a node that is told not to gossip works without, and a later one that does isn't disturbed")
  func silent() async throws {
    try await TestSwarm.run { swarm in
      let first = swarm.node("m1")
      try await first.node.initialize()
      let silent = swarm.node("w1") { $0.gossips = false }
      try await silent.node.join(first.node.joinRequest(.worker))
      let talking = swarm.node("w2")
      try await talking.node.join(first.node.joinRequest(.worker))
      let present = try Set([first, talking].map { try #require($0.node.local.nodeID) })
      #expect(try await Set(first.node.waitForGossip(present: 2)) == present)
      try await first.node.services.create(ServiceSpec(name: "web", image: "hollow", replicas: 3))
      try await first.node.wait { store in Set(store.tasks().filter { $0.status.state == .running }.map(\.nodeID)).count == 3 }
      await silent.shutdown()
      let id = try #require(silent.node.local.nodeID)
      try await first.node.wait { $0.node(id)?.status.state == .down }
    }
  }

  @Test("a node that shuts down says good-bye")
  func goodbye() async throws {
    try await TestSwarm.run { swarm in
      let first = swarm.node("m1")
      try await first.node.initialize()
      let worker = swarm.node("w1")
      try await worker.node.join(first.node.joinRequest(.worker))
      _ = try await first.node.waitForGossip(present: 2)
      await worker.shutdown()
      #expect(try await first.node.waitForGossip(present: 1) == [#require(first.node.local.nodeID)])
    }
  }

  @Test("the leader makes another key when it is time, and nobody is lost who hasn't heard of it yet")
  func rotation() async throws {
    try await TestSwarm.run { swarm in
      let first = swarm.node("m1")
      try await first.node.initialize()
      let slow = swarm.node("w1")
      try await slow.node.join(first.node.joinRequest(.worker))
      _ = try await slow.node.waitForGossip(present: 2)
      let before = try #require(first.node.replicatedStore().cluster).networkBootstrapKeys
      for round in 1...3 as ClosedRange<UInt64> {
        try first.node.expireGossipKey()
        try await first.node.wait { $0.cluster?.networkBootstrapKeys.map(\.lamportTime) == [1 + round, 2 + round, 3 + round] }
        try await first.node.refreshGossipKeys()
        // The newcomer has the new ring, the worker still has the one before.
        let late = swarm.node("w\(round + 1)")
        try await late.node.join(first.node.joinRequest(.worker))
        for node in [first, slow, late] { _ = try await node.node.waitForGossip(present: Int(round) + 2) }
        try await slow.node.refreshGossipKeys()
      }
      let after = try #require(first.node.replicatedStore().cluster).networkBootstrapKeys
      #expect(Set(after.map(\.key)).isDisjoint(with: before.map(\.key)))
    }
  }

  @Test("the swarm's keys are made once, three of them, and no text shows them")
  func keys() async throws {
    try await TestSwarm.run { swarm in
      let first = swarm.node("m1")
      try await first.node.initialize()
      let keys = try #require(first.node.replicatedStore().cluster).networkBootstrapKeys
      #expect(keys.map(\.lamportTime) == [1, 2, 3])
      #expect(Set(keys.map(\.key)).count == 3)
      #expect("\(keys)" == "[key 1 of swift-swarm:gossip, key 2 of swift-swarm:gossip, key 3 of swift-swarm:gossip]")
    }
  }
}
