// SPDX-License-Identifier: Apache-2.0

import Raft
import RaftNIO
import TestTraits
import Testing

@Suite("Witnesses", .serialized, .takingTurns, .timeLimit(.minutes(5)))
struct WitnessTests {
  /// The full member that doesn't lead.
  private func follower(of leader: RaftNode<Ledger>) -> UInt64 { leader.configuration.member == RaftID(1) ? 2 : 1 }

  @Test("two members and a witness go on without one of the members, and the witness has no state")
  func votes() async throws {
    let group = try TestGroup()
    try await group.startAll(3, witnesses: 1)
    let leader = try await group.nextLeader()
    #expect(leader.configuration.member != RaftID(3))
    try await group.kill(self.follower(of: leader))
    for number in 1...10 as ClosedRange<UInt8> { try await group.propose([number]) }
    #expect(try await group[3].withMachine { $0.commands } == [])
    #expect(try await group[3].takeSnapshot().index > .zero)
    // Its log and its snapshot without a state are good for a restart.
    try await group.kill(3)
    try await group.start(3)
    #expect(try await group.propose([11]).output == 11)
    try await group.stopAll()
  }

  @Test("what only a witness has left is brought to the other member, which leads then")
  func caretaker() async throws {
    let group = try TestGroup()
    try await group.startAll(3, witnesses: 1)
    let leader = try await group.nextLeader()
    let (first, second) = (leader.configuration.member.rawValue, self.follower(of: leader))
    try await group.kill(second)
    for number in 1...20 as ClosedRange<UInt8> { try await group.propose([number]) }
    try await group.kill(first)
    try await group.start(second)
    try await group.wait { id, event in
      if id == RaftID(second), case .leadershipEstablished = event { true } else { false }
    }
    #expect(try await group.propose([21]).output == 21)
    try await group.stopAll()
  }

  @Test("a witness that is too far behind takes over a snapshot without bytes")
  func farBehind() async throws {
    let group = try TestGroup()
    try await group.startAll(3, witnesses: 1) { $0.raft.memory.trailingEntries = 0 }
    let leader = try await group.nextLeader()
    let second = self.follower(of: leader)
    try await group.kill(3)
    for number in 1...100 as ClosedRange<UInt8> { try await group.propose([number]) }
    let position = try await leader.takeSnapshot()
    try await group.start(3)
    try await group.wait { id, event in
      if id == RaftID(3), case .snapshotRestored(let restored) = event { restored.index >= position.index } else { false }
    }
    // From now on it is needed, also after a restart.
    try await group.kill(second)
    #expect(try await group.propose([101]).output == 101)
    try await group.kill(3)
    try await group.start(3)
    #expect(try await group.propose([102]).output == 102)
    #expect(try await group[3].withMachine { $0.commands } == [])
    try await group.stopAll()
  }

  @Test("a witness joins a group that runs")
  func joins() async throws {
    let group = try TestGroup()
    let first = try await group.start(1, .bootstrap()) { $0.raft.memory.trailingEntries = 0 }
    _ = try await group.nextLeader()
    for number in 1...50 as ClosedRange<UInt8> { _ = try await first.propose([number]) }
    _ = try await first.takeSnapshot()
    let id = try await group.change(.addWitness(context: []), through: first).0
    try await group.start(id.rawValue, .join)
    try await group.wait { _, event in
      if case .membershipChanged(let membership) = event, !membership.isJoint { membership[id]?.role == .voter } else { false }
    }
    #expect(try await group.propose([51]).output == 51)
    try await group.stopAll()
  }
}
