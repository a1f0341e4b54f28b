// SPDX-License-Identifier: Apache-2.0

/// A wish to change the group.
///
/// One change is under way at a time.
public enum MembershipChange: Hashable, Sendable {
  /// Adds a member that becomes a voter as soon as it has caught up. It starts as ``Member/Role/joining``, so that an
  /// empty log never counts for the quorum; the leader of the day promotes it by itself.
  case addVoter(context: [UInt8])
  /// Adds a member that receives the log and never votes.
  case addLearner(context: [UInt8])
  /// As ``addVoter(context:)``, for a member without a state machine; see ``Member/isWitness``.
  case addWitness(context: [UInt8])
  /// Makes a learner a voter as soon as it has caught up.
  case promote(RaftID)
  /// Removes a member. The leader may be removed: it steps down once that is committed.
  case remove(RaftID)
  /// Replaces a member's context and nothing else.
  case update(RaftID, context: [UInt8])
  /// Sets a member's ``Member/priority``.
  case prioritize(RaftID, UInt8)
  /// All of these at once, by one joint configuration; each sees what the ones before it did.
  case several([MembershipChange])
}

extension MembershipChange {
  /// How many members the change adds.
  var additions: Int {
    switch self {
    case .addVoter, .addLearner, .addWitness: 1
    case .promote, .remove, .update, .prioritize: 0
    case .several(let changes): changes.reduce(0) { $0 + $1.additions }
    }
  }

  /// The identities of the members that the change adds, in its order, when its entry is the one at `index`.
  public func newMembers(at index: LogIndex) -> [RaftID] {
    let count = self.additions
    return (0..<count).map { RaftID((index + ($0 + 1 - count)).rawValue) }
  }

  /// The member that is there already and that the change is about; nil for an added one and for several.
  public var member: RaftID? {
    switch self {
    case .addVoter, .addLearner, .addWitness, .several: nil
    case .promote(let id), .remove(let id), .update(let id, _), .prioritize(let id, _): id
    }
  }

  /// Whether a committed configuration, at or behind the one that the change led to, means that it is done: whoever was to go
  /// has gone.
  ///
  /// Joining members may still be catching up.
  public func isDone(in membership: Membership) -> Bool {
    switch self {
    case .remove(let id): membership[id] == nil
    case .several(let changes): changes.allSatisfy { $0.isDone(in: membership) }
    case .addVoter, .addLearner, .addWitness, .promote, .update, .prioritize: true
    }
  }
}

extension Membership {
  /// The configuration that a change leads to; joint when the set of voters changes.
  ///
  /// - Parameters:
  ///   - change: the wish.
  ///   - index: where the entry that carries this configuration will stand, which gives added members their identities.
  /// - Throws: ``RaftError/Code/invalidMembershipChange``.
  package func applying(_ change: MembershipChange, at index: LogIndex) throws(RaftError) -> Membership {
    var ids = change.newMembers(at: index)[...]
    var result = self
    try result.apply(change, &ids)
    let canLead = { (member: Member) in member.role.votesInNewSet && !member.isWitness }
    guard result.members.contains(where: canLead) || !self.members.contains(where: canLead) else {
      throw RaftError(.invalidMembershipChange, "nobody who can lead would be left")
    }
    // Those who wait for it will vote, too; but a witness may be the first to have caught up.
    for votes in [{ $0.votesInNewSet }, { $0.votesInNewSet || $0 == .joining }] as [(Member.Role) -> Bool] {
      guard !result.canBeDecidedByWitnesses(counting: votes) || self.canBeDecidedByWitnesses(counting: votes) else {
        throw RaftError(.invalidMembershipChange, "witnesses would be a majority of the voters")
      }
    }
    return result
  }

  private mutating func apply(_ change: MembershipChange, _ ids: inout ArraySlice<RaftID>) throws(RaftError) {
    switch change {
    case .addVoter(let context):
      try self.add(.joining, context, &ids)
    case .addLearner(let context):
      try self.add(.learner, context, &ids)
    case .addWitness(let context):
      try self.add(.joining, context, &ids, isWitness: true)

    case .promote(let id):
      let position = try self.position(of: id)
      guard !self.members[position].role.votes else {
        throw RaftError(.invalidMembershipChange, "member \(id) is a voter already")
      }
      self.members[position].role = .joining

    case .remove(let id):
      let position = try self.position(of: id)
      if self.members[position].role.votes {
        guard self.voters.count > 1 else {
          throw RaftError(.invalidMembershipChange, "member \(id) is the last voter")
        }
        self.members[position].role = .outgoing
      } else {
        self.members.remove(at: position)
      }

    case .update(let id, let context):
      let position = try self.position(of: id)
      self.members[position].context = context
      #if PLANTED_BUGS
        if PlantedBug.isPlanted(7) { self.members[position].role = .voter }
      #endif

    case .prioritize(let id, let priority):
      let position = try self.position(of: id)
      self.members[position].priority = priority

    case .several(let changes):
      guard !changes.isEmpty else { throw RaftError(.invalidMembershipChange, "there is nothing to change") }
      for change in changes { try self.apply(change, &ids) }
    }
  }

  /// The joint configuration in which members that caught up begin to vote.
  ///
  /// Witnesses wait until they are no majority.
  package func promoting(_ ids: [RaftID]) -> Membership {
    var result = self
    for position in result.members.indices where ids.contains(result.members[position].id) {
      result.members[position].role = .incoming
    }
    guard result.canBeDecidedByWitnesses(counting: \.votesInNewSet) else { return result }
    for position in result.members.indices where result.members[position].isWitness {
      result.members[position].role = self.members[position].role
    }
    return result
  }

  /// The configuration that ends a joint one.
  package func leavingJoint() -> Membership {
    var result = self
    result.members.removeAll { $0.role == .outgoing }
    for position in result.members.indices where result.members[position].role == .incoming {
      result.members[position].role = .voter
    }
    return result
  }

  private mutating func add(
    _ role: Member.Role,
    _ context: [UInt8],
    _ ids: inout ArraySlice<RaftID>,
    isWitness: Bool = false
  ) throws(RaftError) {
    // Identities are log indexes, which only grow.
    guard let id = ids.popFirst(), self.members.allSatisfy({ $0.id < id }) else {
      throw RaftError(.invalidMembershipChange, "the identity of the new member was used before")
    }
    self.members.append(Member(id: id, role: role, context: context, isWitness: isWitness))
  }

  private func position(of id: RaftID) throws(RaftError) -> Int {
    guard let position = self.members.firstIndex(where: { $0.id == id }) else {
      throw RaftError(.invalidMembershipChange, "there is no member \(id)")
    }
    return position
  }
}
