// SPDX-License-Identifier: Apache-2.0

#if Security
  import Foundation
  import Raft
  import RaftNIO
  import TestTraits
  import Testing

  @Suite("Encryption at rest", .serialized, .takingTurns, .timeLimit(.minutes(5)))
  struct EncryptionTests {
    private static let canary = [UInt8]("the canary sings at midnight".utf8)

    private func key(_ id: UInt64, _ byte: UInt8? = nil) throws -> StorageKey {
      try StorageKey(id: .init(rawValue: id), secret: [UInt8](repeating: byte ?? UInt8(id), count: 32))
    }

    /// The files of a member that hold the canary.
    private func leaks(_ group: TestGroup, _ id: UInt64 = 1) throws -> [String] {
      try group.directory.names(in: "\(id)").filter { name in
        try Data(contentsOf: URL(filePath: "\(group.path(id))/\(name)")).range(of: Data(Self.canary)) != nil
      }
    }

    private func fill(_ node: RaftNode<Ledger>, _ count: Int = 20) async throws {
      for number in 0..<count { _ = try await node.propose([UInt8(truncatingIfNeeded: number)] + Self.canary) }
    }

    private func refusal(_ group: TestGroup, _ keys: (any StorageKeyProvider)?) async -> RaftError? {
      await #expect(throws: RaftError.self) { try await group.start(1) { $0.storageKeys = keys } }
    }

    @Test("nothing that was proposed stands in any file, and everything is there after a restart")
    func sealed() async throws {
      let group = try TestGroup()
      let ring = StorageKeyRing(try self.key(1))
      let node = try await group.start(1, .bootstrap()) { $0.storageKeys = ring }
      _ = try await group.nextLeader()
      try await self.fill(node, 400)
      _ = try await node.takeSnapshot()
      try await self.fill(node)
      #expect(try await node.storageKeysInUse() == [.init(rawValue: 1)])
      try await group.kill(1)
      #expect(try self.leaks(group) == [])

      try await group.start(1) { $0.storageKeys = ring }
      let again = try await group.nextLeader()
      #expect(try await again.propose([1]).output == 421)
      try await group.stop(1)
    }

    @Test("without encryption the canary is found, so that looking for it means something")
    func plain() async throws {
      let group = try TestGroup()
      let node = try await group.start(1, .bootstrap())
      _ = try await group.nextLeader()
      try await self.fill(node)
      #expect(try self.leaks(group) != [])
      try await group.stop(1)
    }

    @Test("a missing and a wrong key are told apart, with the file, and nothing is changed")
    func wrongKeys() async throws {
      let group = try TestGroup()
      let node = try await group.start(1, .bootstrap()) { $0.storageKeys = StorageKeyRing(try! self.key(1)) }
      _ = try await group.nextLeader()
      try await self.fill(node)
      for hasSnapshot in [false, true] {
        if hasSnapshot {
          let node = try await group.start(1) { $0.storageKeys = StorageKeyRing(try! self.key(1)) }
          _ = try await group.nextLeader()
          _ = try await node.takeSnapshot()
        }
        try await group.kill(1)
        let name = hasSnapshot ? "snapshot-" : "log-"
        for keys in [nil, StorageKeyRing(try self.key(2))] {
          let missing = await self.refusal(group, keys)
          #expect(missing?.code == .keyMissing)
          #expect(missing?.message.contains("1/\(name)") == true)
        }
        let wrong = await self.refusal(group, StorageKeyRing(try self.key(1, 9)))
        #expect(wrong?.code == .keyRefused)
        #expect(wrong?.message.contains("1/\(name)") == true)
      }
      let again = try await group.start(1) { $0.storageKeys = StorageKeyRing(try! self.key(1)) }
      _ = try await group.nextLeader()
      #expect(try await again.propose([1]).output == 21)
      try await group.stop(1)
    }

    @Test("changed ciphertext with a right checksum doesn't open")
    func tampered() async throws {
      let group = try TestGroup()
      let ring = StorageKeyRing(try self.key(1))
      let node = try await group.start(1, .bootstrap()) { $0.storageKeys = ring }
      _ = try await group.nextLeader()
      try await self.fill(node)
      try await group.stop(1)
      let name = try #require(try group.directory.names(in: "1").first { $0.hasPrefix("log-") })
      try group.directory.edit("1/\(name)") { bytes in
        // The first batch: a header of 60 bytes that ends with its checksum, with the body's eight bytes before.
        let start = 512
        let length = Int(bytes[start + 8]) | Int(bytes[start + 9]) << 8
        bytes[start + 100] ^= 1
        bytes.replaceSubrange((start + 48)..<(start + 52), with: Self.checksum(bytes[(start + 60)..<(start + 60 + length)]))
        bytes.replaceSubrange((start + 56)..<(start + 60), with: Self.checksum(bytes[start..<(start + 56)]))
      }
      let error = await self.refusal(group, ring)
      #expect(error?.code == .keyRefused)
      #expect(error?.message.contains("byte 512") == true)
    }

    private static func checksum(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
      let checksum = CRC32C.checksum(bytes)
      return (0..<4).map { UInt8(truncatingIfNeeded: checksum >> ($0 * 8)) }
    }

    @Test("a new key takes over, and the old one can go when nothing names it any more")
    func rotation() async throws {
      let group = try TestGroup()
      let ring = StorageKeyRing(try self.key(1))
      let node = try await group.start(1, .bootstrap()) {
        $0.storageKeys = ring
        $0.raft.memory.trailingEntries = 0
      }
      _ = try await group.nextLeader()
      try await self.fill(node)
      ring.add(try self.key(2))
      try await node.rotateStorageKey()
      #expect(try await node.storageKeysInUse() == [.init(rawValue: 1), .init(rawValue: 2)])
      // The segment in use still holds batches of the old key, until the next one begins.
      try await self.fill(node, 200)
      while try await node.storageKeysInUse().contains(.init(rawValue: 1)) {
        try await self.fill(node, 200)
        _ = try await node.takeSnapshot()
      }
      ring.remove(.init(rawValue: 1))
      let count = try await node.withMachine { $0.commands.count }
      try await group.kill(1)
      try await group.start(1) { $0.storageKeys = ring }
      let again = try await group.nextLeader()
      #expect(try await again.propose([1]).output == count + 1)
      #expect(try self.leaks(group) == [])
      try await group.stop(1)
    }

    @Test("whoever asks for keys while the node stops is answered", arguments: 1...20)
    func stopping(round: Int) async throws {
      let group = try TestGroup()
      let ring = StorageKeyRing(try self.key(1))
      let node = try await group.start(1, .bootstrap()) { $0.storageKeys = ring }
      _ = try await group.nextLeader()
      await withThrowingTaskGroup(of: Void.self) { askers in
        for _ in 0..<8 {
          askers.addTask { while true { _ = try await node.storageKeysInUse() } }
        }
        askers.addTask { try await group.stop(1) }
        // They end with the refusal.
        while await askers.nextResult() != nil {}
      }
    }

    @Test("a directory in plaintext is taken over, and the plaintext is gone with the segments that held it")
    func takeover() async throws {
      let group = try TestGroup()
      var node = try await group.start(1, .bootstrap()) { $0.raft.memory.trailingEntries = 0 }
      _ = try await group.nextLeader()
      try await self.fill(node)
      _ = try await node.takeSnapshot()
      try await self.fill(node)
      try await group.stop(1)
      #expect(try self.leaks(group).count == 2)

      let ring = StorageKeyRing(try self.key(7))
      node = try await group.start(1) {
        $0.storageKeys = ring
        $0.raft.memory.trailingEntries = 0
      }
      _ = try await group.nextLeader()
      #expect(try await node.withMachine { $0.commands.count } == 40)
      while try !self.leaks(group).isEmpty {
        try await self.fill(node, 200)
        _ = try await node.takeSnapshot()
        // The writer has let go of what the snapshot made superfluous when it answers the next question.
        _ = try await node.storageKeysInUse()
      }
      let count = try await node.withMachine { $0.commands.count }
      try await group.kill(1)
      node = try await group.start(1) { $0.storageKeys = ring }
      _ = try await group.nextLeader()
      #expect(try await node.propose([1]).output == count + 1)
      try await group.stop(1)
    }

    @Test("members with keys of their own give each other snapshots, and log entries from the disk")
    func transfer() async throws {
      let group = try TestGroup()
      let rings = [1: StorageKeyRing(try self.key(11)), 2: StorageKeyRing(try self.key(22))]
      let leader = try await group.start(1, .bootstrap()) {
        $0.storageKeys = rings[1]
        $0.raft.memory.trailingEntries = 0
      }
      _ = try await group.nextLeader()
      for number in 0..<30 { _ = try await leader.propose([UInt8](repeating: UInt8(number), count: 20_000) + Self.canary) }
      _ = try await leader.takeSnapshot()
      for number in 0..<30 { _ = try await leader.propose([UInt8](repeating: UInt8(number), count: 20_000) + Self.canary) }
      let id = try await group.change(.addLearner(context: []), through: leader).0.rawValue
      try await group.start(id, .join) { $0.storageKeys = rings[2] }
      let last = try await leader.propose([1]).index
      let expected = try await leader.withMachine { $0.commands }
      #expect(try await group.commands(of: id, upTo: last) == expected)
      #expect(try await group[id].storageKeysInUse() == [.init(rawValue: 22)])
      try await group.kill(id)
      #expect(try self.leaks(group, id) == [])
      try await group.start(id) { $0.storageKeys = rings[2] }
      #expect(try await group.commands(of: id, upTo: last) == expected)
      try await group.stopAll()
    }
  }
#endif
