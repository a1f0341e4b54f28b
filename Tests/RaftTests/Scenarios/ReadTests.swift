// SPDX-License-Identifier: Apache-2.0

import Raft
import Testing

@Suite("Reads")
struct ReadTests {
  /// Answered reads as pairs of number and index.
  private func answers(_ group: Group, _ id: UInt64) -> [[UInt64]] {
    group[id].reads.map { [$0.id.rawValue, $0.index.rawValue] }
  }

  @Test("reads of one turn are confirmed by one round", arguments: [1, 2] as [UInt64])
  func batch(id: UInt64) throws {
    var group = try Group()
    group.elect(1)
    group.sent = []
    for number in 1...5 as ClosedRange<UInt64> { try group.read(id, as: number) }
    group.settle()
    #expect(self.answers(group, id) == (1...5).map { [$0, 4] })
    let rounds = group.sent.filter { if case .heartbeat(_, let round) = $0.body { round != 0 } else { false } }
    #expect(rounds.count == 2, "one heartbeat for each other member")
    group.check()
  }

  @Test("a group of one confirms by itself")
  func single() throws {
    var group = try Group(voters: 1)
    group.elect(1)
    try group.read(1, as: 1)
    group.settle()
    #expect(self.answers(group, 1) == [[1, 2]])
  }

  @Test("a read waits until its leader has committed in its term")
  func heldBack() throws {
    var group = try Group()
    group.passes = { if case .append = $0.body { false } else { true } }
    group.campaign(1)
    #expect(group[1].isLeader)
    try group.read(1, as: 1)
    group.settle()
    group.advance(.milliseconds(250))
    #expect(group[1].reads.isEmpty)
    group.passes = { _ in true }
    group.advance(.milliseconds(300))
    #expect(self.answers(group, 1) == [[1, 4]])
    group.check()
  }

  @Test("a leader that was replaced answers no read (etcd: stale reads)")
  func replacedLeader() throws {
    var group = try Group()
    group.elect(1)
    group.isolated = [RaftID(1)]
    group.elect(2)
    try group.propose(2, "new")
    group.settle()
    try group.read(1, as: 1)
    group.settle()
    #expect(group[1].reads.isEmpty)
    group.isolated = []
    group.advance(.seconds(1))
    #expect(group[1].reads.isEmpty)
    #expect(group[1].failedReads == [ReadRequestID(rawValue: 1)])
    group.check()
  }

  @Test("an answer to an earlier round confirms no later read (etcd #20418)")
  func staleAnswer() throws {
    var group = try Group()
    group.elect(1)
    try group.read(1, as: 1)
    group.settle()
    let answers = group.sent.filter { if case .heartbeatResponse = $0.body { true } else { false } }
    group.isolated = [RaftID(2), RaftID(3)]
    try group.read(1, as: 2)
    group.settle()
    for answer in answers { group.receive(answer) }
    group.settle()
    #expect(self.answers(group, 1) == [[1, 4]])
  }

  @Test("a lost round is made up for by the next heartbeat")
  func lostRound() throws {
    var group = try Group()
    group.elect(1)
    group.passes = { if case .heartbeat = $0.body { false } else { true } }
    try group.read(1, as: 1)
    group.settle()
    try group.read(1, as: 2)
    group.settle()
    group.passes = { _ in true }
    group.advance(.milliseconds(150))
    #expect(group[1].reads.map(\.id.rawValue) == [1, 2])
    group.check()
  }

  @Test("a follower's read fails when the leader doesn't answer, and without a leader at once")
  func followerFails() throws {
    var group = try Group()
    group.elect(1)
    group.passes = { if case .readIndexResponse = $0.body { false } else { true } }
    try group.read(2, as: 1)
    group.advance(.milliseconds(1_100))
    #expect(group[2].failedReads == [ReadRequestID(rawValue: 1)])
    group.isolated = [RaftID(2)]
    try group.read(2, as: 2)
    group.advance(.seconds(2))
    #expect(group[2].failedReads.count == 2)
    let error = #expect(throws: RaftError.self) { try group.read(2, as: 3) }
    #expect(error?.code == .notLeader && error?.leader == nil)
    group.check()
  }
}
