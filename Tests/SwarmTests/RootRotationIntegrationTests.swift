// SPDX-License-Identifier: Apache-2.0

import Swarm
import SwarmAgent
import SwarmControl
import SwarmModel
import TestTraits
import Testing

@Suite("Other root certificates", .serialized, .takingTurns, .timeLimit(.minutes(2)))
struct RootRotationIntegrationTests {
  @Test("all nodes move to another root certificate, no task restarts, and tokens speak of the new one")
  func rotation() async throws {
    try await TestSwarm.run { swarm in
      let (nodes, runtimes) = try await RoleIntegrationTests.threeManagers(swarm)
      let runtime = InMemoryRuntime()
      var worker = swarm.node("w1", runtime: runtime)
      try await worker.node.join(nodes[0].node.joinRequest(.worker))
      _ = try await nodes[0].node.services.create(ServiceSpec(name: "web", image: "test", command: ["true"], replicas: 8))
      try await nodes[0].node.waitForRunning(8)
      let tasks = (runtimes + [runtime]).map(\.runningTaskIDs)
      let before = try await nodes[0].node.cluster.get()
      #expect(before.tlsInfo?.trustRoot == before.rootCA.caCert)

      try await nodes[1].node.changeCluster { $0.caConfig.forceRotate += 1 }
      try await nodes[0].node.waitForRoots { $0 != before.rootCA.caCert }
      let after = try await nodes[0].node.cluster.get()
      #expect(after.rootCA.rootRotation == nil)
      #expect(after.rootCA.lastForcedRotation == 1)
      #expect(after.rootCA.caKey != before.rootCA.caKey)
      for (old, new) in [
        (before.rootCA.joinTokens.worker, after.rootCA.joinTokens.worker),
        (before.rootCA.joinTokens.manager, after.rootCA.joinTokens.manager),
      ] {
        #expect(old.prefix(59) != new.prefix(59), "the digest is another one")
        #expect(old.suffix(25) == new.suffix(25), "the secret is the same")
      }
      #expect((runtimes + [runtime]).map(\.runningTaskIDs) == tasks)
      #expect(try nodes[0].node.replicatedStore().tasks().count == 8)

      // Newcomers, writes through followers, and restarts work under the new root alone.
      let late = swarm.node("w2")
      try await late.node.join(nodes[0].node.joinRequest(.worker))
      _ = try await nodes[2].node.services.create(ServiceSpec(name: "next", image: "test", command: ["true"], replicas: 0))
      let id = try #require(worker.node.local.nodeID)
      await worker.shutdown()
      try await nodes[0].node.wait { $0.node(id)?.status.state == .down }
      worker = swarm.node("w1", runtime: runtime)
      try await nodes[0].node.wait { $0.node(id)?.status.state == .ready }
      let stale = JoinRequest(
        remoteAddresses: [nodes[0].node.local.nodeAddress],
        token: before.rootCA.joinTokens.worker
      )
      await #expect(throws: SwarmError.self) { try await swarm.node("w3").node.join(stale) }
    }
  }

  @Test("a node that is away keeps the move open, and the old root, until it is back")
  func away() async throws {
    try await TestSwarm.run { swarm in
      let manager = swarm.node("m1", runtime: nil)
      try await manager.node.initialize()
      var worker = swarm.node("w1")
      try await worker.node.join(manager.node.joinRequest(.worker))
      let id = try #require(worker.node.local.nodeID)
      let before = try await manager.node.cluster.get()
      await worker.shutdown()
      try await manager.node.wait { $0.node(id)?.status.state == .down }
      try await manager.node.changeCluster { $0.caConfig.forceRotate += 1 }
      try await manager.node.wait { store in
        store.node(id)?.certificate?.status.state == .rotate
          && store.nodes().contains {
            $0.id != id && $0.description?.tlsInfo?.certIssuerPublicKey != before.tlsInfo?.certIssuerPublicKey
          }
      }
      let during = try await manager.node.cluster.get()
      #expect(during.rootCA.rootRotation != nil)
      #expect(during.rootCA.caCert == before.rootCA.caCert)
      #expect(during.tlsInfo?.certIssuerPublicKey != before.tlsInfo?.certIssuerPublicKey)
      // Meanwhile others may join with the tokens that there are.
      let other = swarm.node("w2")
      try await other.node.join(manager.node.joinRequest(.worker))
      worker = swarm.node("w1")
      try await manager.node.waitForRoots { $0 != before.rootCA.caCert }
    }
  }

  @Test("what can't be a root certificate is refused before anything changes")
  func refusals() async throws {
    try await TestSwarm.run { swarm in
      let manager = swarm.node("m1", runtime: nil)
      try await manager.node.initialize()
      let before = try await manager.node.cluster.get()
      let garbage = await #expect(throws: SwarmError.self) {
        try await manager.node.changeCluster { spec in
          spec.caConfig.signingCACert = Array("nonsense".utf8)
          spec.caConfig.signingCAKey = Array("nonsense".utf8)
        }
      }
      #expect(garbage?.code == .invalidArgument)
      let halfway = await #expect(throws: SwarmError.self) {
        try await manager.node.changeCluster { $0.caConfig.signingCACert = before.rootCA.caCert }
      }
      #expect(halfway?.code == .invalidArgument)
      let elsewhere = await #expect(throws: SwarmError.self) {
        try await manager.node.changeCluster { $0.caConfig.externalCAs = [ExternalCA(url: "https://ca.example")] }
      }
      #expect(elsewhere?.message.contains("https://ca.example") == true)
      #expect(try await manager.node.cluster.get().rootCA == before.rootCA)
    }
  }
}

extension SwarmNode {
  /// Waits until the move to a root certificate is over: all nodes trust it and have certificates of it.
  func waitForRoots(_ isWanted: @Sendable ([UInt8]) -> Bool) async throws {
    try await self.wait { store in
      guard let cluster = store.cluster, cluster.rootCA.rootRotation == nil, isWanted(cluster.rootCA.caCert) else { return false }
      return store.nodes().allSatisfy { $0.description?.tlsInfo == cluster.tlsInfo && $0.status.state == .ready }
    }
  }
}
