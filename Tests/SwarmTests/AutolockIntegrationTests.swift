// SPDX-License-Identifier: Apache-2.0

import Foundation
import Swarm
import SwarmAgent
import SwarmControl
import SwarmIdentity
import SwarmModel
import TestTraits
import Testing

@Suite("Locked managers", .serialized, .takingTurns, .timeLimit(.minutes(2)))
struct AutolockIntegrationTests {
  private static let sentence =
    "Swarm is encrypted and needs to be unlocked before it can be used. Please use \"docker swarm unlock\" to unlock it."

  @Test("73: a restarted manager waits for the key, and then goes on where it was")
  func locked() async throws {
    try await TestSwarm.run { swarm in
      var spec = ClusterSpec()
      spec.encryptionConfig.autoLockManagers = true
      let first = swarm.node("m1")
      let id = try await first.node.initialize(InitializeRequest(spec: spec))
      let key = try await first.node.cluster.unlockKey()
      #expect(key.hasPrefix("SWMKEY-1-"))
      _ = try await first.node.services.create(ServiceSpec(name: "web", image: "test", command: ["true"], replicas: 1))
      await #expect(throws: SwarmError.self) { try await first.node.unlock(key) }
      try await first.node.waitForSealedKeys()
      await first.shutdown()

      let second = swarm.node("m1")
      try await second.node.waitForState(.locked)
      #expect(second.node.local.nodeID == id)
      let refused = await #expect(throws: SwarmError.self) { _ = try await second.node.services.list() }
      #expect(refused?.message == Self.sentence)
      #expect(refused?.code == .unavailable)
      await #expect(throws: SwarmError.self) { try await second.node.initialize() }
      let wrong = "SWMKEY-1-" + String(repeating: "A", count: 43)
      let invalid = await #expect(throws: SwarmError.self) { try await second.node.unlock(wrong) }
      #expect(invalid?.code == .permissionDenied)
      #expect(invalid?.message == "swarm could not be unlocked: invalid key provided")
      await #expect(throws: SwarmError.self) { try await second.node.unlock("nonsense") }
      #expect(second.node.local.state == .locked)
      try await second.node.unlock(key)
      #expect(second.node.local.isLeader, "unlocking is over when the node can be used")
      #expect(try await second.node.services.get("web").spec.annotations.name == "web")
      await #expect(throws: SwarmError.self) { try await second.node.unlock(key) }
    }
  }

  @Test("all managers get the key, a rotated one takes the place of the old one, and without autolock none is needed")
  func rotation() async throws {
    try await TestSwarm.run { swarm in
      let first = swarm.node("m1", runtime: nil)
      try await first.node.initialize()
      var second = swarm.node("m2", runtime: nil)
      try await second.node.join(first.node.joinRequest(.manager))
      var third = swarm.node("m3", runtime: nil)
      try await third.node.join(first.node.joinRequest(.manager))
      try await first.node.waitForManagers(3)
      #expect(try await first.node.cluster.unlockKey() == "")
      try await first.node.changeCluster { $0.encryptionConfig.autoLockManagers = true }
      let old = try await second.node.cluster.unlockKey()
      try await second.node.waitForSealedKeys()

      // Through a follower, which hands on what it made.
      try await second.node.changeCluster(rotating: [.unlockKey]) { _ in }
      let new = try await first.node.cluster.unlockKey()
      #expect(new != old && !new.isEmpty)
      try await second.node.waitForSealedKeys(with: new)
      await second.shutdown()
      second = swarm.node("m2", runtime: nil)
      try await second.node.waitForState(.locked)
      let refused = await #expect(throws: SwarmError.self) { try await second.node.unlock(old) }
      #expect(refused?.code == .permissionDenied)
      try await second.node.unlock(new)
      try await second.node.ready()

      try await first.node.changeCluster { $0.encryptionConfig.autoLockManagers = false }
      #expect(try await first.node.cluster.unlockKey() == "")
      try await third.node.waitForSealedKeys(with: nil)
      await third.shutdown()
      third = swarm.node("m3", runtime: nil)
      try await third.node.ready()
    }
  }

  @Test("the log's key that lay open is forgotten when nothing is encrypted with it any more")
  func oldKeys() async throws {
    try await TestSwarm.run { swarm in
      let small: @Sendable (inout SwarmNodeConfiguration) -> Void = {
        $0.logSegmentSize = 64 << 10
        $0.trailingLogEntries = 0
      }
      let first = swarm.node("m1", runtime: nil, small)
      try await first.node.initialize()
      try await first.node.changeCluster { $0.encryptionConfig.autoLockManagers = true }
      let text = try await first.node.cluster.unlockKey()
      try await first.node.waitForSealedKeys(with: text)
      let (files, key) = (try CertificateDirectory(path: "\(swarm.directory)/m1/certificates"), try UnlockKey(text))
      #expect(try files.secrets(unlockedWith: key)?.logKeyNumbers == [2, 1])
      while try files.secrets(unlockedWith: key)?.logKeyNumbers != [2] {
        let config = try await first.node.configs.create(
          ConfigSpec(annotations: Annotations(name: "filler"), data: [UInt8](repeating: 7, count: 40_000))
        )
        try await first.node.configs.remove("\(config)")
        try await first.node.reviewLogKeys()
      }
      await first.shutdown()

      let second = swarm.node("m1", runtime: nil, small)
      try await second.node.waitForState(.locked)
      try await second.node.unlock(text)
      #expect(second.node.local.isLeader)
    }
  }

  @Test("a manager that is demoted needs no key any more, and one that is promoted does")
  func roles() async throws {
    try await TestSwarm.run { swarm in
      let first = swarm.node("m1", runtime: nil)
      try await first.node.initialize()
      try await first.node.changeCluster { $0.encryptionConfig.autoLockManagers = true }
      let key = try await first.node.cluster.unlockKey()
      var worker = swarm.node("w1")
      try await worker.node.join(first.node.joinRequest(.worker))
      let id = try #require(worker.node.local.nodeID)
      try await first.node.give(id, .manager)
      try await first.node.waitForManagers(2)
      try await worker.node.waitForSealedKeys(with: key)
      await worker.shutdown()
      worker = swarm.node("w1")
      try await worker.node.waitForState(.locked)
      try await worker.node.unlock(key)
      try await worker.node.ready()
      try await first.node.give(id, .worker)
      try await worker.node.waitForRole(.worker)
      try await first.node.wait { $0.node(id)?.certificate?.role == .worker }
      await worker.shutdown()
      worker = swarm.node("w1")
      try await worker.node.ready()
      #expect(worker.node.local.role == .worker)
    }
  }

  @Test("a locked swarm is left by force alone")
  func leave() async throws {
    try await TestSwarm.run { swarm in
      var spec = ClusterSpec()
      spec.encryptionConfig.autoLockManagers = true
      let first = swarm.node("m1", runtime: nil)
      try await first.node.initialize(InitializeRequest(spec: spec))
      try await first.node.waitForSealedKeys()
      await first.kill()
      let second = swarm.node("m1", runtime: nil)
      try await second.node.waitForState(.locked)
      let refused = await #expect(throws: SwarmError.self) { try await second.node.leave() }
      #expect(refused?.message.hasPrefix("Swarm is encrypted and locked.") == true)
      try await second.node.leave(force: true)
      #expect(second.node.local.state == .inactive)
      try await second.node.initialize()
    }
  }
}

extension SwarmNode {
  /// Changes the cluster's settings as they are now.
  func changeCluster(
    rotating secrets: Set<RotatableSecret> = [],
    _ change: @Sendable (inout ClusterSpec) -> Void
  ) async throws {
    while true {
      let cluster = try await self.cluster.get()
      var spec = cluster.spec
      change(&spec)
      do {
        return try await self.cluster.update(version: cluster.meta.version.index, spec: spec, rotating: secrets)
      } catch let error as SwarmError where error.code == .outOfSequence {
        continue
      }
    }
  }
}
