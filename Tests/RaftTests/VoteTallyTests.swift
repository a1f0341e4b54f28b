// SPDX-License-Identifier: Apache-2.0

import Raft
import Testing

@Suite("Votes and configurations")
struct VoteTallyTests {
  private static let roles: [Member.Role] = [.voter, .incoming, .outgoing, .learner]

  private enum Answer: Int, CaseIterable { case none, yes, no, unreachable }

  /// Whether some way in which those who can still answer might answer makes a majority of both sets, the slow way.
  private static func reference(_ members: [Member], _ answers: [Answer]) -> VoteTally.Result {
    func isQuorum(_ ids: [RaftID]) -> Bool {
      let sets = [members.filter(\.role.votesInNewSet), members.filter(\.role.votesInOldSet)]
      return sets.allSatisfy { set in set.filter { ids.contains($0.id) }.count * 2 > set.count }
    }
    let yes = zip(members, answers).filter { $0.1 == .yes }.map(\.0.id)
    if isQuorum(yes) { return .won }
    let waiting = zip(members, answers).filter { $0.1 == .none }.map(\.0.id)
    for bits in 0..<(1 << waiting.count) where isQuorum(yes + waiting.indices.filter { bits >> $0 & 1 == 1 }.map { waiting[$0] })
    {
      return .open
    }
    return .lost
  }

  @Test("every election in every configuration of up to four members stands as the reference says", arguments: 0...4)
  func exhaustive(count: Int) {
    for assignment in 0..<(1 << (2 * count)) {
      let members = (0..<count).map { Member(id: RaftID(UInt64($0) + 1), role: Self.roles[(assignment >> (2 * $0)) & 3]) }
      let membership = Membership(members)
      for code in 0..<(1 << (2 * count)) {
        let answers = (0..<count).map { Answer.allCases[(code >> (2 * $0)) & 3] }
        var tally = VoteTally()
        for (member, answer) in zip(members, answers) where answer == .yes || answer == .no {
          tally.record(answer == .yes, from: member.id)
        }
        let silent = zip(members, answers).filter { $0.1 == .unreachable }.map(\.0.id)
        let result = tally.result(in: membership, silent: silent)
        if result != Self.reference(members, answers) { Issue.record("\(membership.members) \(answers): \(result)") }
      }
    }
  }

  @Test("a voter's first word counts, strangers' words don't")
  func firstWord() {
    let membership = Membership((1...3 as ClosedRange<UInt64>).map { Member(id: RaftID($0)) })
    var tally = VoteTally()
    tally.record(false, from: RaftID(1))
    tally.record(true, from: RaftID(1))
    for stranger in 7...9 as ClosedRange<UInt64> { tally.record(true, from: RaftID(stranger)) }
    tally.record(true, from: RaftID(2))
    #expect(tally.result(in: membership) == .open)
    tally.record(true, from: RaftID(3))
    #expect(tally.result(in: membership) == .won)
  }

  // MARK: - Configurations

  /// Any two majorities have a member in common, the slow way.
  private static func overlap(_ first: Membership, _ second: Membership) -> Bool {
    let ids = Set(first.members.map(\.id) + second.members.map(\.id)).sorted()
    let sets = (0..<(1 << ids.count)).map { bits in Set(ids.indices.filter { bits >> $0 & 1 == 1 }.map { ids[$0] }) }
    let seconds = sets.filter { set in second.hasQuorum { set.contains($0) } }
    return sets.filter { set in first.hasQuorum { set.contains($0) } }.allSatisfy { left in
      seconds.allSatisfy { !left.isDisjoint(with: $0) }
    }
  }

  /// All configurations that one finished change leads to, with the joint ones between.
  private static func steps(from start: Membership, _ change: MembershipChange, at index: LogIndex) -> [Membership]? {
    guard let changed = try? start.applying(change, at: index) else { return nil }
    var path = [start, changed]
    if changed.isJoint { path.append(changed.leavingJoint()) }
    let joining = path[path.count - 1].members.filter { $0.role == .joining }.map(\.id)
    if !joining.isEmpty {
      let joint = path[path.count - 1].promoting(joining)
      path += [joint, joint.leavingJoint()]
    }
    return path
  }

  @Test("whatever is changed, configurations next to each other share every majority, and nobody votes twice or unasked")
  func algebra() {
    let ids = (1...4 as ClosedRange<UInt64>).map { RaftID($0) }
    let single: [MembershipChange] =
      ids.map { .remove($0) } + ids.map { .promote($0) } + [
        .addVoter(context: []), .addLearner(context: []), .addWitness(context: []),
      ]
    let pairs = single.flatMap { first in single.map { second in MembershipChange.several([first, second]) } }
    var paths = 0
    for assignment in 0..<81 {
      var rest = assignment
      let members = ids.compactMap { id -> Member? in
        defer { rest /= 3 }
        return rest % 3 == 2 ? nil : Member(id: id, role: rest % 3 == 0 ? .voter : .learner)
      }
      let start = Membership(members)
      guard !start.voters.isEmpty else { continue }
      for change in single + pairs {
        guard let path = Self.steps(from: start, change, at: LogIndex(11)) else { continue }
        paths += 1
        for (before, after) in zip(path, path.dropFirst()) where before != after {
          if !Self.overlap(before, after) { Issue.record("\(change): \(before.members) and \(after.members)") }
        }
        let end = path[path.count - 1]
        if end.isJoint || end.voters.isEmpty || !change.isDone(in: end) { Issue.record("\(change) ends in \(end.members)") }
        if Set(end.members.map(\.id)).count != end.members.count { Issue.record("\(change): an identity is there twice") }
      }
    }
    #expect(paths > 3000)
  }
}
