// SPDX-License-Identifier: Apache-2.0

internal import Raft
internal import RaftNIO

/// Who leads the managers and who belongs to them, as this manager's Raft member told last.
struct Leadership: Sendable {
  /// Whether this manager leads and its store holds everything of earlier leaders.
  private(set) var isLeader = false
  /// The term that this manager leads in, or knows of.
  private(set) var term: UInt64 = 0
  /// All members.
  private(set) var members: [RaftID: MemberContext] = [:]
  private var leaderID: RaftID?

  /// The manager that leads, when known.
  var leader: MemberContext? { self.leaderID.flatMap { self.members[$0] } }

  /// Takes in what changed.
  mutating func take(_ event: RaftEvent) {
    switch event {
    case .roleChanged(let change):
      if change.role != .leader || change.term.rawValue != self.term { self.isLeader = false }
      self.term = change.term.rawValue
      self.leaderID = change.leader
    case .leadershipEstablished(let term):
      self.isLeader = true
      self.term = term.rawValue
    case .membershipChanged(let membership):
      self.members = Dictionary(
        membership.members.compactMap { member in MemberContext(decoding: member.context).map { (member.id, $0) } },
        uniquingKeysWith: { first, _ in first }
      )
    case .snapshotTaken, .snapshotRestored, .peerConnected, .peerDisconnected, .connectionRefused: break
    }
  }
}
