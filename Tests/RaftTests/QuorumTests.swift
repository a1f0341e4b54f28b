// SPDX-License-Identifier: Apache-2.0

import Raft
import TestTraits
import Testing

@Suite("Quorums", .longComputation)
struct QuorumTests {
  /// All roles that count for anything in a decision, and one that doesn't.
  private static let roles: [Member.Role] = [.voter, .incoming, .outgoing, .learner]

  /// A majority of every set, counted the slow and obvious way.
  private static func isQuorum(_ ids: Set<RaftID>, _ members: [Member]) -> Bool {
    let new = Set(members.filter { $0.role == .voter || $0.role == .incoming }.map(\.id))
    let old = Set(members.filter { $0.role == .voter || $0.role == .outgoing }.map(\.id))
    return ids.intersection(new).count * 2 > new.count && ids.intersection(old).count * 2 > old.count
  }

  @Test("every configuration of up to five members agrees with the reference for every set of votes", arguments: 0...5)
  func exhaustive(count: Int) {
    for assignment in 0..<Int(pow(4, count)) {
      let members = (0..<count).map { position in
        Member(id: RaftID(UInt64(position) + 1), role: Self.roles[(assignment >> (2 * position)) & 3])
      }
      let membership = Membership(members)
      for votes in 0..<(1 << count) {
        let ids = Set((0..<count).filter { votes >> $0 & 1 == 1 }.map { RaftID(UInt64($0) + 1) })
        #expect(membership.hasQuorum(ids.contains) == Self.isQuorum(ids, members))
      }
    }
  }

  @Test("the index agreed upon is the largest that a quorum has reached", arguments: 1...4)
  func agreed(count: Int) {
    for assignment in 0..<Int(pow(4, count)) {
      let members = (0..<count).map { position in
        Member(id: RaftID(UInt64(position) + 1), role: Self.roles[(assignment >> (2 * position)) & 3])
      }
      for code in 0..<Int(pow(count + 1, count)) {
        var rest = code
        let values = (0..<count).map { _ -> UInt64 in
          defer { rest /= count + 1 }
          return UInt64(rest % (count + 1))
        }
        let agreed = QuorumMath.agreed(
          count: count,
          votesInNewSet: { members[$0].role.votesInNewSet },
          votesInOldSet: { members[$0].role.votesInOldSet },
          value: { values[$0] }
        )
        let reference = (0...UInt64(count)).last { value in
          Self.isQuorum(Set((0..<count).filter { values[$0] >= value }.map { members[$0].id }), members)
        }
        guard agreed == reference else {
          Issue.record("\(values) of \(members): \(String(describing: agreed)) and not \(String(describing: reference))")
          return
        }
      }
    }
  }

  @Test("whatever the change, a quorum before it and a quorum after it share a voter")
  func overlap() throws {
    let voters = (1...4 as ClosedRange<UInt64>).map { Member(id: RaftID($0)) }
    let before = Membership(voters)
    let joint = Membership(
      [Member(id: RaftID(1), role: .outgoing)] + voters[1...] + [Member(id: RaftID(9), role: .incoming)]
    )
    let after = Membership(Array(voters[1...]) + [Member(id: RaftID(9))])
    let ids = [1, 2, 3, 4, 9].map { RaftID($0) }
    for (first, second) in [(before, joint), (joint, after)] {
      for left in Self.subsets(ids) where first.hasQuorum(left.contains) {
        for right in Self.subsets(ids) where second.hasQuorum(right.contains) {
          #expect(!left.isDisjoint(with: right))
        }
      }
    }
  }

  private static func subsets(_ ids: [RaftID]) -> [Set<RaftID>] {
    (0..<(1 << ids.count)).map { bits in Set(ids.indices.filter { bits >> $0 & 1 == 1 }.map { ids[$0] }) }
  }

  private func pow(_ base: Int, _ exponent: Int) -> Int { (0..<exponent).reduce(1) { product, _ in product * base } }
}
