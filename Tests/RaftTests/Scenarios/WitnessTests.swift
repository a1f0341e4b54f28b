// SPDX-License-Identifier: Apache-2.0

import Raft
import Testing

@Suite("Witnesses")
struct WitnessTests {
  /// Members 1 and 2 with state machines, and a witness.
  private static func group(_ configuration: RaftConfiguration = RaftConfiguration()) throws -> (Group, witness: UInt64) {
    var group = try Group(voters: 2, configuration: configuration)
    group.elect(1)
    let witness = try group.change(1, .addWitness(context: [])).rawValue
    try group.start(RaftID(witness))
    group.advance(.milliseconds(500))
    #expect(group[1].core.membership[RaftID(witness)] == Member(id: RaftID(witness), role: .voter, isWitness: true))
    return (group, witness)
  }

  @Test("a witness' vote and acknowledgement count")
  func counts() throws {
    var (group, witness) = try Self.group()
    group.crash(2)
    try group.propose(1, "a")
    group.settle()
    #expect(group[1].status.commit == group[1].status.lastIndex)
    try group.restart(2)
    group.advance(.milliseconds(300))
    group.crash(1)
    _ = group.advance(atMost: .seconds(3)) { $0.leader != nil }
    #expect(group.leader == RaftID(2))
    #expect(group[witness].status.leader == RaftID(2))
    group.check()
  }

  @Test("a witness with the only copy of what was decided leads until a full member has it, and takes no proposals")
  func caretaker() throws {
    var (group, witness) = try Self.group()
    group.isolated = [RaftID(2)]
    try group.propose(1, "only 1 and the witness have this")
    group.settle()
    let last = group[1].status.commit
    group.crash(1)
    group.isolated = []
    group.passes = { if case .append = $0.body { false } else { true } }
    #expect(group.advance(atMost: .seconds(10)) { $0.leader == RaftID(witness) } != nil)
    for _ in 0..<2 {
      let error = #expect(throws: RaftError.self) { try group.propose(witness, "no") }
      #expect(error?.code == .busy)
    }
    #expect(#expect(throws: RaftError.self) { try group.change(witness, .addLearner(context: [])) }?.code == .busy)
    group.passes = { _ in true }
    #expect(group.advance(atMost: .seconds(2)) { $0.leader == RaftID(2) } != nil)
    #expect(group[2].status.commit > last)
    try group.propose(2, "goes on")
    group.settle()
    group.check()
  }

  @Test("a witness is no successor, and is not told to become one")
  func successor() throws {
    var (group, witness) = try Self.group()
    group.crash(2)
    for target in [witness, nil] {
      try? group.feed(1) { core, now throws(RaftError) in
        try core.transferLeadership(to: target.map { RaftID($0) }, now: now)
      }
      #expect(group[1].status.transferTarget != RaftID(witness))
    }
    group.receive(Message(from: RaftID(1), to: RaftID(witness), term: group[1].status.term, body: .timeoutNow))
    group.settle()
    #expect(group[witness].status.role == .follower)
    group.check()
  }

  @Test("somebody who can lead must be left")
  func lastFullMember() throws {
    var (group, _) = try Self.group()
    let error = #expect(throws: RaftError.self) {
      try group.change(1, .several([.remove(RaftID(1)), .remove(RaftID(2))]))
    }
    #expect(error?.code == .invalidMembershipChange)
  }

  @Test("two full members and a witness, whoever is cut off and for how long: never wrong, and a full member leads in the end")
  func random() throws {
    var caretakers = 0
    for seed in 1...40 as ClosedRange<UInt64> {
      var random = SeededGenerator(seed: seed)
      var group = try Group(voters: 3, witnesses: 1, seed: seed)
      for _ in 0..<12 {
        group.isolated = random.next(below: 3) == 0 ? [] : [RaftID(UInt64(random.next(below: 3)) + 1)]
        for _ in 0..<random.next(below: 4) {
          if let leader = group.leader { _ = try? group.propose(leader.rawValue, "x") }
          group.settle()
        }
        group.advance(.milliseconds(random.next(below: 4000)), step: .milliseconds(20))
      }
      if group.sent.contains(where: { $0.from == RaftID(3) && $0.body == .timeoutNow }) { caretakers += 1 }
      group.isolated = []
      _ = group.advance(atMost: .seconds(10)) { $0.leader.map { $0 != RaftID(3) } ?? false && !$0[3].isLeader }
      let leader = try #require(group.leader, "seed \(seed)")
      #expect(leader != RaftID(3), "seed \(seed)")
      try group.propose(leader.rawValue, "goes on")
      group.advance(.seconds(1))
      #expect(group.nodes.allSatisfy { $0.applied == group[leader.rawValue].status.lastIndex }, "seed \(seed)")
      #expect(group.oracle.violations.isEmpty, "seed \(seed)")
    }
    #expect(caretakers > 0, "no witness ever led")
  }

  @Test("a group without anybody who could lead isn't begun")
  func onlyWitnesses() {
    #expect(#expect(throws: RaftError.self) { try Bootstrap(contexts: [[]], witnesses: 1) }?.code == .invalidConfiguration)
  }

  @Test("witnesses that would be a majority of the voters are refused, whichever way they come to be it")
  func majorityOfWitnesses() throws {
    #expect(throws: Never.self) { try Bootstrap(contexts: [[], [], [], []], witnesses: 2) }
    let begun = #expect(throws: RaftError.self) { try Bootstrap(contexts: [[], [], []], witnesses: 2) }
    #expect(begun?.code == .invalidConfiguration)

    var (group, witness) = try Self.group()
    // Two full members and a witness: two more witnesses can't come, one can; then no full member can go.
    let two = MembershipChange.several([.addWitness(context: []), .addWitness(context: [])])
    #expect(#expect(throws: RaftError.self) { try group.change(1, two) }?.code == .invalidMembershipChange)
    let other = try group.change(1, .addWitness(context: [])).rawValue
    try group.start(RaftID(other))
    group.settle()
    #expect(group[1].core.membership.voters.count(where: \.isWitness) == 2)
    #expect(#expect(throws: RaftError.self) { try group.change(1, .remove(RaftID(2))) }?.code == .invalidMembershipChange)
    #expect(throws: Never.self) { try group.change(1, .remove(RaftID(witness))) }
  }

  @Test("a witness that caught up first waits for the full member that joins with it")
  func promotionOfWitnesses() throws {
    let before = try Membership([Member(id: RaftID(1))]).applying(
      .several([.addVoter(context: []), .addWitness(context: []), .addWitness(context: [])]),
      at: LogIndex(9)
    )
    let witnesses = before.members.filter(\.isWitness).map(\.id)
    #expect(before.promoting(witnesses) == before)
    #expect(before.promoting(Array(witnesses.prefix(1))).isJoint)
    let everybody = before.promoting(before.members.dropFirst().map(\.id))
    #expect(everybody.leavingJoint().voters.count == 4)
  }

  @Test("a witness that is far behind gets a snapshot's description, without its bytes")
  func snapshot() throws {
    let configuration = RaftConfiguration.with { $0.memory.trailingEntries = 0 }
    var (group, witness) = try Self.group(configuration)
    group.crash(witness)
    for _ in 0..<5 {
      try group.propose(1, "a")
      group.settle()
    }
    for id in [1, 2] as [UInt64] { try group[id].snapshot() }
    try group.propose(1, "b")
    group.settle()
    try group.restart(witness)
    group.advance(.seconds(1))
    #expect(group[1].snapshotsToSend.isEmpty)
    #expect(group[witness].status.lastIndex == group[1].status.lastIndex)
    #expect(group[witness].status.commit == group[1].status.commit)
    group.check()
  }
}
