// SPDX-License-Identifier: Apache-2.0

import Swarm
import SwarmAgent
import SwarmControl
import SwarmModel
import TestTraits
import Testing

@Suite("SwarmNode", .serialized, .takingTurns, .timeLimit(.minutes(2)))
struct SwarmNodeIntegrationTests {
  private static func service(_ name: String, _ replicas: UInt64) -> ServiceSpec {
    ServiceSpec(name: name, image: "test", command: ["true"], replicas: replicas)
  }

  @Test("one replica costs at most three log entries until it runs")
  func cheapCreate() async throws {
    try await TestSwarm.run { swarm in
      let node = swarm.node("n1").node
      try await node.initialize()
      try await node.wait { $0.nodes().first?.status.state == .ready }
      // Reachability is told once; after that nothing is written while nothing happens.
      _ = try await node.services.list()
      let events = try node.events(since: Version(index: node.replicatedStore().version, ordinal: .max))
      try await node.services.create(Self.service("web", 1))
      // Nodes may change beside it on a busy machine; entries are told apart by the index in the versions.
      var entries: Set<UInt64> = []
      events: for await event in events {
        switch event {
        case .service(let change): entries.insert(change.version.index)
        case .task(let change):
          entries.insert(change.version.index)
          if change.new?.status.state == .running { break events }
        default: break
        }
      }
      #expect(entries.count <= 3)
    }
  }

  @Test("a follower forwards writes, and every manager reads them")
  func followersForward() async throws {
    try await TestSwarm.run { swarm in
      let nodes = try await Self.threeManagers(swarm)
      let follower = try #require(nodes.first { !$0.node.local.isLeader })
      _ = try await follower.node.services.create(Self.service("web", 3))
      for node in nodes {
        #expect(try await node.node.services.get("web").spec.annotations.name == "web")
      }
      await #expect(throws: SwarmError.self) { _ = try await follower.node.services.create(Self.service("web", 1)) }
      try await follower.node.waitForRunning(3)
    }
  }

  @Test("when the leader dies, writes go on and its tasks move")
  func leaderDies() async throws {
    try await TestSwarm.run { swarm in
      let nodes = try await Self.threeManagers(swarm)
      _ = try await nodes[0].node.services.create(Self.service("web", 6))
      try await nodes[0].node.waitForRunning(6)
      let leader = try #require(nodes.first { $0.node.local.isLeader })
      let lost = try #require(leader.node.local.nodeID)
      await leader.kill()
      let survivor = try #require(nodes.first { $0 !== leader })
      _ = try await survivor.node.services.create(Self.service("next", 1))
      try await survivor.node.wait { store in
        store.tasks().count {
          $0.status.state == .running && $0.desiredState == .running && $0.nodeID != lost
        } == 7
      }
    }
  }

  @Test("a worker joins, takes tasks and is noticed when it dies")
  func workers() async throws {
    try await TestSwarm.run { swarm in
      let manager = swarm.node("m1", runtime: nil).node
      try await manager.initialize()
      let workers = [swarm.node("w1"), swarm.node("w2")]
      for worker in workers {
        try await worker.node.join(manager.joinRequest(.worker))
        #expect(worker.node.local.role == .worker)
        await #expect(throws: SwarmError.self) { _ = try await worker.node.services.list() }
      }
      _ = try await manager.services.create(Self.service("web", 4))
      try await manager.waitForRunning(4)
      let lost = try #require(workers[1].node.local.nodeID)
      await workers[1].kill()
      try await manager.wait { store in
        store.node(lost)?.status.state == .down
          && store.tasks().count { $0.status.state == .running && $0.desiredState == .running && $0.nodeID != lost } == 4
      }
    }
  }

  @Test("a node that starts again finds its swarm, its services and its tasks")
  func resumes() async throws {
    let runtime = InMemoryRuntime()
    try await TestSwarm.run { swarm in
      let first = swarm.node("n1", runtime: runtime)
      let id = try await first.node.initialize()
      _ = try await first.node.services.create(Self.service("web", 3))
      try await first.node.waitForRunning(3)
      let tasks = runtime.runningTaskIDs
      await first.kill()

      let second = swarm.node("n1", runtime: runtime)
      try await second.node.ready()
      #expect(second.node.local.nodeID == id)
      try await second.node.waitForRunning(3)
      #expect(runtime.runningTaskIDs == tasks, "running tasks are adopted, not started again")
    }
  }

  @Test("a node that is shut down tells how its tasks end before it is gone")
  func lastWords() async throws {
    try await TestSwarm.run { swarm in
      let manager = swarm.node("m1", runtime: nil).node
      try await manager.initialize()
      let worker = swarm.node("w1")
      try await worker.node.join(manager.joinRequest(.worker))
      _ = try await manager.services.create(Self.service("web", 3))
      try await manager.waitForRunning(3)
      await worker.shutdown()
      // No agent is there any more who could tell it later.
      try await manager.wait { store in store.tasks().count { $0.status.state == .shutdown } == 3 }
    }
  }

  @Test("leaving forgets the swarm, and another one can begin")
  func leaves() async throws {
    try await TestSwarm.run { swarm in
      let node = swarm.node("n1").node
      try await node.initialize()
      await #expect(throws: SwarmError.self) { try await node.initialize() }
      await #expect(throws: SwarmError.self) { try await node.leave() }
      let events = try node.events()
      try await node.leave(force: true)
      for await _ in events {}
      #expect(node.local.state == .inactive)
      await #expect(throws: SwarmError.self) { _ = try await node.services.list() }
      try await node.initialize()
      #expect(try await node.services.list() == [])
    }
  }

  @Test("events end when the node leaves, and another swarm's are told anew")
  func eventsEnd() async throws {
    try await TestSwarm.run { swarm in
      let node = swarm.node("n1", runtime: nil).node
      try await node.initialize()
      let first = try node.events()
      try await node.leave(force: true)
      for await _ in first {}
      try await node.initialize()
      let second = try node.events()
      _ = try await node.services.create(Self.service("web", 0))
      for await event in second {
        if case .service(let change) = event, change.new?.spec.annotations.name == "web" { break }
      }
    }
  }

  @Test("events are told in order, and again from a version on")
  func events() async throws {
    try await TestSwarm.run { swarm in
      let node = swarm.node("n1", runtime: nil).node
      try await node.initialize()
      var seen: [Version] = []
      let events = try node.events()
      for name in ["a", "b", "c"] { _ = try await node.services.create(Self.service(name, 0)) }
      for await event in events {
        if case .service(let change) = event { seen.append(change.version) }
        if seen.count == 3 { break }
      }
      #expect(seen == seen.sorted())
      var again: [Version] = []
      for await event in try node.events(since: seen[0]) {
        if case .service(let change) = event { again.append(change.version) }
        if again.count == 2 { break }
      }
      #expect(again == Array(seen.dropFirst()))
    }
  }

  private static func threeManagers(_ swarm: TestSwarm) async throws -> [RunningNode] {
    let nodes = ["m1", "m2", "m3"].map { swarm.node($0) }
    try await nodes[0].node.initialize()
    for node in nodes.dropFirst() {
      try await node.node.join(nodes[0].node.joinRequest(.manager))
    }
    try await nodes[0].node.wait { $0.nodes().count { $0.status.state == .ready } == 3 }
    return nodes
  }
}
