// SPDX-License-Identifier: Apache-2.0

/// Who belongs to the group: one whole configuration, as a configuration entry carries it.
///
/// Voters change by joint consensus (thesis, section 4.3): while a change is under way some members are
/// ``Member/Role/incoming`` or ``Member/Role/outgoing``, and every decision needs a majority of the old **and** of the
/// new set. A configuration holds from the moment its entry is in the log, committed or not.
public struct Membership: Hashable, Sendable {
  /// A group of nobody: what a member knows before the leader first reached it.
  public static let empty = Membership([])

  /// All members, ordered by identity.
  public internal(set) var members: [Member]
  /// Fields that a newer version wrote; they are kept and written back.
  var unknownFields: [UInt8] = []

  /// Makes a configuration; of two members with one identity the first is kept.
  public init(_ members: [Member]) {
    self.members = []
    for member in members.sorted(by: { $0.id < $1.id }) where member.id != self.members.last?.id {
      self.members.append(member)
    }
  }

  /// Whether a change of voters is under way.
  public var isJoint: Bool { self.members.contains { $0.role == .incoming || $0.role == .outgoing } }

  /// The voters of the new (or only) set, ordered by identity.
  public var voters: [Member] { self.members.filter(\.role.votesInNewSet) }

  /// The voters of the old set while a change is under way, else none.
  public var outgoingVoters: [Member] { self.isJoint ? self.members.filter(\.role.votesInOldSet) : [] }

  /// The members that don't vote, ordered by identity.
  public var learners: [Member] { self.members.filter { !$0.role.votes } }

  /// The member with that identity.
  public subscript(id: RaftID) -> Member? { self.members.first { $0.id == id } }

  /// Whether somebody waits to become a voter.
  var hasJoining: Bool { self.members.contains { $0.role == .joining } }

  /// Whether witnesses alone could decide something, which no state machine would ever know.
  ///
  /// - Parameter counting: which roles count as votes.
  func canBeDecidedByWitnesses(counting votes: (Member.Role) -> Bool) -> Bool {
    let voters = self.members.filter { votes($0.role) }
    return voters.count(where: \.isWitness) > voters.count / 2
  }

  /// How many kinds of voters are preferred to this member, 0 to 3; a witness comes behind everybody else.
  func handicap(of id: RaftID) -> Int {
    guard let member = self[id] else { return 0 }
    guard !member.isWitness else { return 3 }
    var preferred: [UInt8] = []
    for other in self.members where other.role.votes && !other.isWitness && other.priority > member.priority {
      if !preferred.contains(other.priority) { preferred.append(other.priority) }
    }
    return min(preferred.count, 3)
  }

  /// Whether `id` votes in either set.
  public func isVoter(_ id: RaftID) -> Bool { self[id]?.role.votes ?? false }

  /// Whether the members that fit make a majority of every set of voters.
  ///
  /// A group without voters has no quorum.
  public func hasQuorum(_ fits: (RaftID) -> Bool) -> Bool {
    var (new, newFits, old, oldFits) = (0, 0, 0, 0)
    for member in self.members where member.role.votes {
      let counts = fits(member.id)
      if member.role.votesInNewSet {
        new += 1
        newFits += counts ? 1 : 0
      }
      if member.role.votesInOldSet {
        old += 1
        oldFits += counts ? 1 : 0
      }
    }
    return newFits > new / 2 && oldFits > old / 2
  }
}
