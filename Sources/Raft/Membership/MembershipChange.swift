// SPDX-License-Identifier: Apache-2.0

/// A wish to change the group. One change is under way at a time.
public enum MembershipChange: Hashable, Sendable {
  /// Adds a member that becomes a voter as soon as it has caught up. It starts as ``Member/Role/joining``, so that an
  /// empty log never counts for the quorum; the leader of the day promotes it by itself.
  case addVoter(context: [UInt8])
  /// Adds a member that receives the log and never votes.
  case addLearner(context: [UInt8])
  /// Makes a learner a voter as soon as it has caught up.
  case promote(RaftID)
  /// Removes a member. The leader may be removed: it steps down once that is committed.
  case remove(RaftID)
  /// Replaces a member's context and nothing else.
  case update(RaftID, context: [UInt8])
}

extension Membership {
  /// The configuration that a change leads to; joint when the set of voters changes.
  ///
  /// - Parameter newID: the identity of an added member: the index of the entry that will carry this configuration.
  /// - Throws: ``RaftError/Code/invalidMembershipChange``.
  func applying(_ change: MembershipChange, newID: RaftID) throws(RaftError) -> Membership {
    var result = self
    switch change {
    case .addVoter(let context):
      try result.add(Member(id: newID, role: .joining, context: context))
    case .addLearner(let context):
      try result.add(Member(id: newID, role: .learner, context: context))

    case .promote(let id):
      let position = try self.position(of: id)
      guard !self.members[position].role.votes else {
        throw RaftError(.invalidMembershipChange, "member \(id) is a voter already")
      }
      result.members[position].role = .joining

    case .remove(let id):
      let position = try self.position(of: id)
      if self.members[position].role.votes {
        guard self.voters.count > 1 else {
          throw RaftError(.invalidMembershipChange, "member \(id) is the last voter")
        }
        result.members[position].role = .outgoing
      } else {
        result.members.remove(at: position)
      }

    case .update(let id, let context):
      let position = try self.position(of: id)
      result.members[position].context = context
      #if PLANTED_BUGS
        if PlantedBug.isPlanted(7) { result.members[position].role = .voter }
      #endif
    }
    return result
  }

  /// The joint configuration in which a member that caught up begins to vote.
  func promoting(_ id: RaftID) throws(RaftError) -> Membership {
    var result = self
    result.members[try self.position(of: id)].role = .incoming
    return result
  }

  /// The configuration that ends a joint one.
  func leavingJoint() -> Membership {
    var result = self
    result.members.removeAll { $0.role == .outgoing }
    for position in result.members.indices where result.members[position].role == .incoming {
      result.members[position].role = .voter
    }
    return result
  }

  private mutating func add(_ member: Member) throws(RaftError) {
    // Identities are log indexes, which only grow.
    guard self.members.allSatisfy({ $0.id < member.id }) else {
      throw RaftError(.invalidMembershipChange, "the identity \(member.id) was used before")
    }
    self.members.append(member)
  }

  private func position(of id: RaftID) throws(RaftError) -> Int {
    guard let position = self.members.firstIndex(where: { $0.id == id }) else {
      throw RaftError(.invalidMembershipChange, "there is no member \(id)")
    }
    return position
  }
}
