// SPDX-License-Identifier: Apache-2.0

import Raft
import RaftNIO
import Synchronization
import TestTraits
import Testing

@Suite("Refusing storage", .serialized, .takingTurns, .timeLimit(.minutes(5)))
struct StorageRefusalTests {
  /// A directory in which one member lived and ended.
  private func usedDirectory(_ body: (RaftNode<Ledger>) async throws -> Void = { _ in }) async throws -> TemporaryDirectory {
    let group = try TestGroup()
    let node = try await group.start(1, .bootstrap())
    _ = try await group.nextLeader()
    for number in 1...5 as ClosedRange<UInt8> { _ = try await node.propose([number]) }
    try await body(node)
    try await group.stop(1)
    return group.directory
  }

  /// The error that a node ends with when it can't start.
  private func refusal(
    _ group: TestGroup,
    _ id: UInt64 = 1,
    configure: (inout RaftNodeConfiguration) -> Void = { _ in }
  ) async -> RaftError? {
    await #expect(throws: RaftError.self) { try await group.start(id, configure: configure) }
  }

  @Test("a directory in use is refused by name")
  func inUse() async throws {
    let group = try TestGroup()
    try await group.start(1, .bootstrap())
    let other = try TestGroup(directory: group.directory)
    let error = await self.refusal(other)
    #expect(error?.code == .storageFailed)
    #expect(error?.message.contains("\(group.path(1)) is in use") == true)
    try await group.stop(1)
  }

  @Test("a directory of another cluster or member is refused by name")
  func otherOwner() async throws {
    let directory = try await self.usedDirectory()
    let group = try TestGroup(directory: directory)
    let cluster = await self.refusal(group) { $0.clusterID = "others" }
    #expect(cluster?.code == .invalidConfiguration)
    #expect(cluster?.message.contains("cluster \"tests\"") == true)
    let member = await self.refusal(group) { $0.member = RaftID(9) }
    #expect(member?.code == .invalidConfiguration)
    #expect(member?.message.contains("member 1 of") == true)
  }

  @Test("an empty directory isn't resumed")
  func empty() async throws {
    let error = await self.refusal(try TestGroup())
    #expect(error?.code == .invalidConfiguration)
  }

  @Test("damage before the newest mark is refused with file and offset, and nothing is changed")
  func damage() async throws {
    let directory = try await self.usedDirectory()
    let name = try #require(try directory.names(in: "1").first { $0.hasPrefix("log-") })
    try directory.edit("1/\(name)") { $0[1030] ^= 1 }
    let group = try TestGroup(directory: directory)
    let error = await self.refusal(group)
    #expect(error?.code == .corrupt)
    #expect(error?.message.contains(name) == true)
    #expect(error?.message.contains("byte 1024") == true)
    try directory.edit("1/\(name)") { $0[1030] ^= 1 }
    try await group.start(1)
    let node = try await group.nextLeader()
    #expect(try await node.propose([6]).output == 6)
    try await group.stop(1)
  }

  @Test("a damaged snapshot is refused by name")
  func damagedSnapshot() async throws {
    let group = try TestGroup()
    let node = try await group.start(1, .bootstrap()) { $0.snapshots = .init(entries: 5) }
    _ = try await group.nextLeader()
    for number in 1...10 as ClosedRange<UInt8> { _ = try await node.propose([number]) }
    try await group.wait { _, event in
      if case .snapshotTaken = event { true } else { false }
    }
    try await group.stop(1)
    let name = try #require(try group.directory.names(in: "1").first { $0.hasPrefix("snapshot-") })
    try group.directory.edit("1/\(name)") { $0[$0.count - 20] ^= 1 }
    let error = await self.refusal(group)
    #expect(error?.code == .corrupt)
    #expect(error?.message.contains(name) == true)
  }

  @Test("a failed sync ends the node with an error, and nothing of it is acknowledged")
  func failedSync() async throws {
    let group = try TestGroup()
    let disk = BrokenDisk()
    let node = try await group.start(1, .bootstrap()) { $0.faults = StorageFaults { $0 == .sync && disk.isBroken } }
    _ = try await group.nextLeader()
    _ = try await node.propose([1])
    disk.isBroken = true
    let lost = await #expect(throws: RaftError.self) { _ = try await node.propose([2]) }
    #expect(lost?.code == .outcomeUnknown || lost?.code == .stopped)
    let error = await group.failure(of: 1)
    #expect(error?.code == .storageFailed)
    try await group.start(1)
    let again = try await group.nextLeader()
    #expect(try await again.propose([3]).output == 2)
    try await group.stop(1)
  }
}

/// A disk that breaks when it is told to.
private final class BrokenDisk: Sendable {
  private let state = Mutex(false)

  var isBroken: Bool {
    get { self.state.withLock { $0 } }
    set { self.state.withLock { $0 = newValue } }
  }
}
