// SPDX-License-Identifier: Apache-2.0

import Swarm
import SwarmAgent
import SwarmControl
import SwarmModel
import TestTraits
import Testing

@Suite("Certificates of nodes", .serialized, .takingTurns, .timeLimit(.minutes(2)))
struct RenewalIntegrationTests {
  @Test("lives of certificates that are too short are refused before a swarm begins")
  func tooShort() async throws {
    try await TestSwarm.run { swarm in
      var spec = ClusterSpec()
      spec.caConfig.nodeCertExpiry = .seconds(300)
      let node = swarm.node("m1").node
      await #expect(throws: SwarmError.self) { try await node.initialize(InitializeRequest(spec: spec)) }
      #expect(node.local.state == .inactive)
    }
  }

  @Test("managers and workers renew their certificates while they work, and come back with the new ones")
  func renewal() async throws {
    try await TestSwarm.run { swarm in
      let manager = swarm.node("m1")
      try await manager.node.initialize()
      let worker = swarm.node("w1")
      try await worker.node.join(manager.node.joinRequest(.worker))
      let ids = try [manager, worker].map { try #require($0.node.local.nodeID) }
      let first = try ids.map { try #require(manager.node.replicatedStore().node($0)?.certificate).certificate }
      for renewing in [manager, worker] { try await renewing.node.renewCertificate() }
      try await manager.node.wait { store in
        zip(ids, first).allSatisfy { id, old in
          guard let certificate = store.node(id)?.certificate else { return false }
          return certificate.certificate != old && certificate.status.state == .issued
        }
      }
      // What was stored last lets the worker in again, with the same id and without a token.
      await worker.shutdown()
      try await manager.node.wait { $0.node(ids[1])?.status.state == .down }
      let again = swarm.node("w1")
      try await manager.node.wait { $0.node(ids[1])?.status.state == .ready }
      #expect(try manager.node.replicatedStore().nodes().count == 2)
      await again.shutdown()
    }
  }
}
