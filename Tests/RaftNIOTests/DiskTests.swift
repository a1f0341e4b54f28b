// SPDX-License-Identifier: Apache-2.0

import Foundation
import Raft
import RaftNIO
import Synchronization
import TestTraits
import Testing

@Suite("Disks that fail", .serialized, .takingTurns, .timeLimit(.minutes(10)))
struct DiskTests {
  // MARK: - Real system calls

  private static let canTrace = DiskWriterProcess.reasonNotToTrace == nil
  private static let whyNot: Comment = "\(DiskWriterProcess.reasonNotToTrace ?? "")"

  /// 50 of them, twice: the log's own syncs are `fdatasync`, those of names and snapshots are `fsync`.
  @Test(
    "killed at any of the first 50 syncs, a process finds everything that it acknowledged",
    .enabled(if: canTrace, whyNot),
    arguments: 0..<5
  )
  func killed(tens: Int) throws {
    for number in (tens * 10 + 1)...(tens * 10 + 10) {
      let directory = try TemporaryDirectory()
      let path = "\(directory.path)/1"
      // It may have nothing to sync that often.
      let killed = try DiskWriterProcess.run(path, last: 40, injecting: ["fsync,fdatasync:signal=KILL:when=\(number)"])
      #expect(killed.status == -9 || killed.status == 137 || killed.acknowledged == 40, "sync \(number): \(killed.errors)")
      let next = try DiskWriterProcess.run(path, last: 45)
      #expect(next.status == 0, "sync \(number): \(next.errors)")
      #expect(next.found ?? 0 >= killed.acknowledged ?? 0, "sync \(number): what was acknowledged is gone")
      #expect(next.acknowledged == 45)
    }
  }

  @Test(
    "an error of any of the first syncs ends the process without an acknowledgement",
    .enabled(if: canTrace, whyNot),
    arguments: [2, 3, 5, 8, 13, 21]
  )
  func failingSync(number: Int) throws {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/1"
    let failed = try DiskWriterProcess.run(path, last: 40, injecting: ["fdatasync:error=EIO:when=\(number)"])
    #expect(failed.status == 3)
    #expect(failed.errors.contains("storageFailed"))
    let next = try DiskWriterProcess.run(path, last: 45)
    #expect(next.status == 0)
    // What wasn't acknowledged may be there, but it is one command at most.
    let acknowledged = failed.acknowledged ?? 0
    #expect(acknowledged...(acknowledged + 1) ~= next.found ?? 0)
  }

  @Test(
    "a small file system that is full refuses commands, and takes them when there is room again",
    .enabled(if: canMount, "nothing can be mounted here")
  )
  func fullFileSystem() throws {
    let directory = try TemporaryDirectory()
    let disk = try SmallFileSystem(at: "\(directory.path)/disk", megabytes: 2)
    defer { disk.unmount() }
    let filler = URL(filePath: "\(disk.path)/filler")
    try Data(count: 1_970_000).write(to: filler)
    let outcome = try DiskWriterProcess.run("\(disk.path)/1", last: 200) { line in
      if line == "full" { try? FileManager.default.removeItem(at: filler) }
    }
    #expect(outcome.lines.contains("full"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.acknowledged == 200)
  }

  private static let canMount = SmallFileSystem.isPossible

  // MARK: - In this process

  @Test("a full disk refuses proposals with an error that may be retried, and the node recovers by itself")
  func full() async throws {
    let isFull = Mutex(false)
    let group = try TestGroup()
    let node = try await group.start(1, .bootstrap()) {
      $0.storageRetryInterval = .milliseconds(20)
      $0.faults = StorageFaults { $0 == .room && isFull.withLock(\.self) }
    }
    _ = try await group.nextLeader()
    _ = try await node.propose([0])
    isFull.withLock { $0 = true }
    // A full segment needs another one.
    var accepted = 1
    let refusal = await #expect(throws: RaftError.self) {
      while true {
        _ = try await node.propose([UInt8](repeating: 1, count: 3000))
        accepted += 1
      }
    }
    #expect(refusal?.code == .storageFull)
    #expect(refusal?.isRetryable == true)
    #expect(accepted < 100)
    isFull.withLock { $0 = false }
    while true {
      do {
        #expect(try await node.propose([2]).output >= accepted + 1)
        break
      } catch let error as RaftError where error.isRetryable || error.code == .notLeader {
        continue
      }
    }
    try await group.kill(1)
    try await group.start(1)
    let again = try await group.nextLeader()
    #expect(try await again.propose([3]).output > accepted + 1)
    try await group.stop(1)
  }

  @Test("a follower without room takes part again when it has some")
  func fullFollower() async throws {
    let isFull = Mutex(false)
    let group = try TestGroup()
    try await group.startAll(3) { configuration in
      let member = configuration.member
      configuration.storageRetryInterval = .milliseconds(20)
      configuration.faults = StorageFaults { $0 == .room && member == RaftID(3) && isFull.withLock(\.self) }
    }
    let leader = try await group.nextLeader()
    isFull.withLock { $0 = true }
    var last = LogIndex.zero
    if leader.configuration.member == RaftID(3) { try await leader.transferLeadership() }
    for number in 0..<60 { last = try await group.propose([UInt8](repeating: UInt8(number), count: 3000)).index }
    isFull.withLock { $0 = false }
    #expect(try await group.commands(of: 3, upTo: last).count == 60)
    try await group.stopAll()
  }

  @Test("a leader whose disk stalls steps down, another one takes over, and it follows when the disk is back")
  func stalled() async throws {
    let gates = [1, 2, 3].map { _ in Gate(isClosed: false) }
    let group = try TestGroup()
    try await group.startAll(3) { configuration in
      let gate = gates[Int(configuration.member.rawValue) - 1]
      configuration.raft.storageStallTimeout = .milliseconds(500)
      configuration.faults = StorageFaults { operation in
        if operation == .sync { gate.pass() }
        return false
      }
    }
    let leader = try await group.nextLeader()
    let id = leader.configuration.member
    let gate = gates[Int(id.rawValue) - 1]
    gate.close()
    // The others have it on their disks, which is enough.
    #expect(try await group.propose([1]).output == 1)
    await gate.waitUntilReached()
    try await group.wait { member, event in
      if member == id, case .roleChanged(let change) = event { change.role != .leader } else { false }
    }
    let next = try await group.nextLeader()
    #expect(next.configuration.member != id)
    let last = try await group.propose([2]).index
    gate.open()
    #expect(try await group.commands(of: id.rawValue, upTo: last) == [[1], [2]])
    try await group.stopAll()
  }

  @Test("a snapshot that finds no room is put off")
  func noRoomForSnapshot() async throws {
    let group = try TestGroup()
    let isFull = Mutex(true)
    let again = try await group.start(1, .bootstrap()) {
      $0.snapshots = .init(entries: 2)
      $0.storageRetryInterval = .milliseconds(20)
      $0.faults = StorageFaults { $0 == .snapshotRoom && isFull.withLock(\.self) }
    }
    _ = try await group.nextLeader()
    for number in 1...10 as ClosedRange<UInt8> { #expect(try await again.propose([number]).output == Int(number)) }
    let error = await #expect(throws: RaftError.self) { try await again.takeSnapshot() }
    #expect(error?.code == .storageFull)
    #expect(try await again.propose([11]).output == 11)
    isFull.withLock { $0 = false }
    try await group.wait { _, event in
      if case .snapshotTaken = event { true } else { false }
    }
    try await group.stop(1)
  }
}
