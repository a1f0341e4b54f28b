// SPDX-License-Identifier: Apache-2.0

import Logging
import Raft
import RaftNIO
import TestTraits
import Testing

@Suite("A lost quorum", .serialized, .takingTurns, .timeLimit(.minutes(5)))
struct QuorumRecoveryTests {
  private func recover(
    _ group: TestGroup,
    _ id: UInt64,
    keeping others: [UInt64] = [],
    patience: Duration = .milliseconds(300)
  ) async throws -> QuorumRecoveryReport {
    try await RaftNode<Ledger>.recover(
      group.configuration(id, .resume),
      keeping: others.map { RaftID($0) },
      patience: patience,
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    )
  }

  /// Three members with ten commands, all stopped.
  private func stopped() async throws -> TestGroup {
    let group = try TestGroup()
    try await group.startAll(3)
    _ = try await group.nextLeader()
    var last = LogIndex.zero
    for number in 1...10 as ClosedRange<UInt8> { last = try await group.propose([number]).index }
    for id in 1...3 as ClosedRange<UInt64> { _ = try await group.commands(of: id, upTo: last) }
    try await group.stopAll()
    return try TestGroup(directory: group.directory)
  }

  @Test("a survivor that is kept alone goes on with everything it has, and others join it anew")
  func alone() async throws {
    let group = try await self.stopped()
    let before = try await RaftNode<Ledger>.inspect(group.configuration(2, .resume))
    #expect(before.membership.voters.count == 3)
    let report = try await self.recover(group, 2)
    #expect(report.membership.members.map(\.id) == [RaftID(2)])
    #expect(report.lost.map(\.id) == [RaftID(1), RaftID(3)])
    #expect(report.index == before.last.index.next)

    let node = try await group.start(2)
    _ = try await group.nextLeader()
    #expect(try await node.propose([11]).output == 11)
    let added = try await group.change(.addVoter(context: []), through: node).0
    #expect(added.rawValue > 3)
    try await group.start(added.rawValue, .join)
    let last = try await group.propose([12]).index
    #expect(try await group.commands(of: added.rawValue, upTo: last) == (1...12).map { [$0] })
    try await group.stopAll()
  }

  @Test("two survivors of five that are kept follow each other")
  func several() async throws {
    let before = try TestGroup()
    try await before.startAll(5)
    _ = try await before.nextLeader()
    let last = try await before.propose([1]).index
    for id in 1...5 as ClosedRange<UInt64> { _ = try await before.commands(of: id, upTo: last) }
    try await before.stopAll()

    let group = try TestGroup(directory: before.directory)
    let report = try await self.recover(group, 4, keeping: [5])
    #expect(report.membership.voters.map(\.id) == [RaftID(4), RaftID(5)])
    try await group.start(4)
    try await group.start(5)
    _ = try await group.nextLeader()
    #expect(try await group.propose([2]).output == 2)
    try await group.stopAll()
  }

  @Test("nothing is written while a majority can be reached")
  func reachable() async throws {
    let group = try await self.stopped()
    try await group.start(1)
    let before = try await RaftNode<Ledger>.inspect(group.configuration(3, .resume))
    let error = await #expect(throws: RaftError.self) { try await self.recover(group, 3, patience: .seconds(20)) }
    #expect(error?.code == .quorumReachable)
    #expect(error?.message.contains("members 1, 3 ") == true)
    #expect(try await RaftNode<Ledger>.inspect(group.configuration(3, .resume)).last == before.last)
    // The two still elect a leader.
    try await group.start(3)
    _ = try await group.nextLeader()
    #expect(try await group.propose([11]).output == 11)
    try await group.stopAll()
  }

  @Test("a member that would be given up and answers keeps everything as it is")
  func alive() async throws {
    let group = try TestGroup()
    try await group.startAll(5)
    _ = try await group.nextLeader()
    try await group.propose([1])
    try await group.stopAll()
    try await group.start(5)
    let error = await #expect(throws: RaftError.self) { try await self.recover(group, 1, keeping: [2], patience: .seconds(5)) }
    #expect(error?.code == .quorumReachable)
    #expect(error?.message.contains("member 5") == true)
    try await group.stopAll()
  }

  @Test("a node that runs, a stranger, and a directory without a log are refused")
  func refusals() async throws {
    let group = try await self.stopped()
    let stranger = await #expect(throws: RaftError.self) { try await self.recover(group, 1, keeping: [9]) }
    #expect(stranger?.code == .invalidMembershipChange)
    let empty = await #expect(throws: RaftError.self) { try await self.recover(group, 4) }
    #expect(empty?.code == .invalidConfiguration)
    try await group.start(1)
    let inUse = await #expect(throws: RaftError.self) { try await self.recover(group, 1) }
    #expect(inUse?.code == .storageFailed)
    try await group.stop(1)
  }
}
