// SPDX-License-Identifier: Apache-2.0

import Foundation
import Swarm
import SwarmAgent
import SwarmControl
import SwarmModel
import TestTraits
import Testing

@Suite("Roles of nodes", .serialized, .takingTurns, .timeLimit(.minutes(2)))
struct RoleIntegrationTests {
  @Test("a worker becomes a manager and a worker again, and its tasks don't notice")
  func thereAndBack() async throws {
    try await TestSwarm.run { swarm in
      let manager = swarm.node("m1", runtime: nil)
      try await manager.node.initialize()
      let runtime = InMemoryRuntime()
      let worker = swarm.node("w1", runtime: runtime)
      try await worker.node.join(manager.node.joinRequest(.worker))
      let id = try #require(worker.node.local.nodeID)
      _ = try await manager.node.services.create(ServiceSpec(name: "web", image: "test", command: ["true"], replicas: 3))
      try await manager.node.waitForRunning(3)
      let tasks = runtime.runningTaskIDs

      try await manager.node.give(id, .manager)
      try await manager.node.waitForManagers(2)
      try await worker.node.waitForRole(.manager)
      #expect(try await worker.node.services.get("web").spec.annotations.name == "web")
      _ = try await worker.node.services.create(ServiceSpec(name: "more", image: "test", command: ["true"], replicas: 0))
      #expect(FileManager.default.fileExists(atPath: "\(swarm.directory)/w1/raft"))

      try await manager.node.give(id, .worker)
      try await worker.node.waitForRole(.worker)
      try await manager.node.waitForManagers(1)
      try await manager.node.wait { $0.node(id)?.certificate?.role == .worker }
      await #expect(throws: SwarmError.self) { _ = try await worker.node.services.list() }
      try await manager.node.wait { $0.node(id)?.status.state == .ready }
      #expect(!FileManager.default.fileExists(atPath: "\(swarm.directory)/w1/raft"))
      #expect(runtime.runningTaskIDs == tasks)
      #expect(try manager.node.replicatedStore().tasks().count == 3)
    }
  }

  @Test("65: a manager that nobody reaches where it says it is, is refused, and the group is as it was")
  func unreachable() async throws {
    try await TestSwarm.run { swarm in
      let manager = swarm.node("m1", runtime: nil)
      try await manager.node.initialize()
      let other = swarm.node("m2", runtime: nil)
      var elsewhere = try await manager.node.joinRequest(.manager)
      // Nobody listens there.
      elsewhere.advertiseAddress = "127.0.0.1:1"
      let request = elsewhere
      let refused = await #expect(throws: SwarmError.self) { try await other.node.join(request) }
      #expect(refused?.code == .failedPrecondition)
      #expect(refused?.message.hasSuffix("can't be reached at its advertised address 127.0.0.1:1") == true)
      // With a second member the group couldn't write alone any more.
      _ = try await manager.node.services.create(ServiceSpec(name: "web", image: "test", command: ["true"], replicas: 0))
      #expect(try manager.node.replicatedStore().nodes().count { $0.managerStatus != nil } == 1)
    }
  }

  @Test("72: a leader that is demoted hands over first, and what it runs goes on")
  func leader() async throws {
    try await TestSwarm.run { swarm in
      let (nodes, runtimes) = try await Self.threeManagers(swarm)
      _ = try await nodes[0].node.services.create(ServiceSpec(name: "web", image: "test", command: ["true"], replicas: 6))
      try await nodes[0].node.waitForRunning(6)
      let leader = try #require(nodes.firstIndex { $0.node.local.isLeader })
      let id = try #require(nodes[leader].node.local.nodeID)
      let other = nodes[(leader + 1) % 3].node
      let tasks = runtimes[leader].runningTaskIDs
      #expect(!tasks.isEmpty)
      try await nodes[leader].node.give(id, .worker)
      try await nodes[leader].node.waitForRole(.worker)
      try await other.waitForManagers(2)
      try await other.wait { $0.node(id)?.status.state == .ready && $0.node(id)?.certificate?.role == .worker }
      #expect(runtimes[leader].runningTaskIDs == tasks)
      _ = try await other.services.create(ServiceSpec(name: "next", image: "test", command: ["true"], replicas: 0))
      #expect(try other.replicatedStore().tasks().count == 6)
    }
  }

  @Test("the last manager isn't demoted, nor one whom the others need for their quorum")
  func refusals() async throws {
    try await TestSwarm.run { swarm in
      let (nodes, _) = try await Self.threeManagers(swarm)
      let leader = try #require(nodes.firstIndex { $0.node.local.isLeader })
      let (dead, alive) = ((leader + 1) % 3, (leader + 2) % 3)
      await nodes[dead].kill()
      let id = try #require(nodes[alive].node.local.nodeID)
      try await nodes[leader].node.wait { store in
        store.nodes().contains { $0.managerStatus?.reachability == .unreachable }
      }
      let refused = await #expect(throws: SwarmError.self) { try await nodes[alive].node.give(id, .worker) }
      #expect(refused?.message == "can't remove member from the raft: this would result in a loss of quorum")
      #expect(refused?.code == .failedPrecondition)
      // The dead one may go: those who are left are a quorum.
      let lost = try #require(nodes[dead].node.local.nodeID)
      try await nodes[leader].node.give(lost, .worker)
      try await nodes[leader].node.waitForManagers(2)
      try await nodes[leader].node.give(id, .worker)
      try await nodes[leader].node.waitForManagers(1)
      let last = try #require(nodes[leader].node.local.nodeID)
      let error = await #expect(throws: SwarmError.self) { try await nodes[leader].node.give(last, .worker) }
      #expect(error?.message == "attempting to demote the last manager of the swarm")
    }
  }

  /// When a node dies on its way to another role.
  enum Moment: CaseIterable {
    case asked, granted, certified, joined

    /// Whether it has come, by what the store says.
    func hasCome(_ node: Node, _ role: NodeRole) -> Bool {
      switch self {
      case .asked: node.spec.desiredRole == role
      case .granted: node.role == role
      case .certified: node.certificate?.role == role
      case .joined: (node.managerStatus != nil) == (role == .manager)
      }
    }
  }

  @Test("who dies in between finds its new role when it is back", arguments: Moment.allCases)
  func crashes(moment: Moment) async throws {
    try await TestSwarm.run { swarm in
      let manager = swarm.node("m1", runtime: nil)
      try await manager.node.initialize()
      let runtime = InMemoryRuntime()
      var worker = swarm.node("w1", runtime: runtime)
      try await worker.node.join(manager.node.joinRequest(.worker))
      let id = try #require(worker.node.local.nodeID)
      _ = try await manager.node.services.create(ServiceSpec(name: "web", image: "test", command: ["true"], replicas: 2))
      try await manager.node.waitForRunning(2)
      let tasks = runtime.runningTaskIDs
      for role in [NodeRole.manager, .worker] {
        // A voter that is off would keep the other one waiting: it comes back at once.
        try await manager.node.give(id, role)
        try await manager.node.wait { store in store.node(id).map { moment.hasCome($0, role) } ?? false }
        await worker.kill()
        worker = swarm.node("w1", runtime: runtime)
        try await worker.node.waitForRole(role)
        try await manager.node.waitForManagers(role == .manager ? 2 : 1)
        try await manager.node.wait { $0.node(id)?.certificate?.role == role && $0.node(id)?.status.state == .ready }
        #expect(runtime.runningTaskIDs == tasks, "\(moment)")
      }
      #expect(!FileManager.default.fileExists(atPath: "\(swarm.directory)/w1/raft"))
    }
  }

  @Test("operators who change their minds quickly get what they asked for last")
  func quickly() async throws {
    try await TestSwarm.run { swarm in
      let manager = swarm.node("m1", runtime: nil)
      try await manager.node.initialize()
      let worker = swarm.node("w1")
      try await worker.node.join(manager.node.joinRequest(.worker))
      let id = try #require(worker.node.local.nodeID)
      for role in [NodeRole.manager, .worker, .manager, .worker, .manager] { try await manager.node.give(id, role) }
      try await manager.node.waitForManagers(2)
      try await worker.node.waitForRole(.manager)
      for role in [NodeRole.worker, .manager] { try await manager.node.give(id, role) }
      try await manager.node.wait { store in
        guard let node = store.node(id) else { return false }
        return node.role == .manager && node.managerStatus?.reachability == .reachable
      }
      // What meets the very change is refused, soon, or may have happened; what comes after it isn't.
      var attempt = 0
      while true {
        attempt += 1
        do {
          let spec = ServiceSpec(name: "web\(attempt)", image: "test", command: ["true"], replicas: 0)
          _ = try await worker.node.services.create(spec)
          break
        } catch let error as SwarmError where error.code == .notManager || error.code == .outcomeUnknown {
          try await worker.node.waitForRole(.manager)
        }
      }
    }
  }

  @Test("a node that was demoted and removed is refused")
  func removed() async throws {
    try await TestSwarm.run { swarm in
      let manager = swarm.node("m1", runtime: nil)
      try await manager.node.initialize()
      let second = swarm.node("m2")
      try await second.node.join(manager.node.joinRequest(.manager))
      let id = try #require(second.node.local.nodeID)
      try await manager.node.give(id, .worker)
      try await second.node.waitForRole(.worker)
      try await manager.node.waitForManagers(1)
      try await manager.node.nodes.remove(id.description, force: true)
      let error = await #expect(throws: SwarmError.self) { try await second.node.renewCertificate() }
      #expect(error?.code == .permissionDenied || error?.code == .invalidArgument, "\(String(describing: error))")
      #expect(try manager.node.replicatedStore().node(id) == nil)
    }
  }

  static func threeManagers(_ swarm: TestSwarm) async throws -> ([RunningNode], [InMemoryRuntime]) {
    let runtimes = (0..<3).map { _ in InMemoryRuntime() }
    let nodes = (0..<3).map { swarm.node("m\($0 + 1)", runtime: runtimes[$0]) }
    try await nodes[0].node.initialize()
    for node in nodes.dropFirst() {
      try await node.node.join(nodes[0].node.joinRequest(.manager))
    }
    try await nodes[0].node.wait { $0.nodes().count { $0.status.state == .ready } == 3 }
    try await nodes[0].node.waitForManagers(3)
    return (nodes, runtimes)
  }
}

extension SwarmNode {
  /// Promotes or demotes a node.
  func give(_ id: NodeID, _ role: NodeRole) async throws {
    while true {
      let node = try await self.nodes.get(id.description)
      var spec = node.spec
      spec.desiredRole = role
      do {
        return try await self.nodes.update(id, version: node.meta.version.index, spec: spec)
      } catch let error as SwarmError where error.code == .outOfSequence {
        continue
      }
    }
  }

  /// Waits until the managers' group has so many members, all of which vote and are reached by the leader.
  func waitForManagers(_ count: Int) async throws {
    try await self.wait { store in
      let managers = store.nodes().filter { $0.managerStatus != nil }
      return managers.count == count
        && managers.allSatisfy { $0.role == .manager && (count == 1 || $0.managerStatus?.reachability == .reachable) }
    }
  }

}
