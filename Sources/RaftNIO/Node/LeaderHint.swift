// SPDX-License-Identifier: Apache-2.0

public import Raft

/// The cause of a `notLeader` error when it is known who leads: whom to ask instead.
public struct LeaderHint: Error, Sendable, Hashable, CustomStringConvertible {
  /// The leader, with the context that says where it is.
  public var leader: Member

  /// Names the leader.
  public init(leader: Member) {
    self.leader = leader
  }

  /// The leader's identity.
  public var description: String { "member \(self.leader.id) leads" }
}

extension RaftError {
  /// The leader to ask instead, when this is a `notLeader` error and it is known.
  public var leaderMember: Member? { (self.cause as? LeaderHint)?.leader }

  /// Adds the leader's context to a `notLeader` error.
  func naming(_ leader: (RaftID) -> Member?) -> Self {
    guard self.code == .notLeader, let id = self.leader, let member = leader(id) else { return self }
    var error = self
    error.cause = LeaderHint(leader: member)
    return error
  }
}
