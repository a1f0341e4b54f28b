// SPDX-License-Identifier: Apache-2.0

/// What a host learns.
public enum GossipEvent: Hashable, Sendable {
  /// A member was seen for the first time.
  case joined(GossipMember)
  /// A member's metadata changed.
  case updated(GossipMember)
  /// A member began a new life: a higher epoch, maybe another address. It replaces the earlier one.
  case restarted(GossipMember)
  /// Somebody got no answer from a member.
  case suspected(GossipMember)
  /// A suspected member answered.
  case refuted(GossipMember)
  /// A member is held for dead.
  case failed(GossipMember)
  /// A member that was held for dead is there again.
  case returned(GossipMember)
  /// A member said good-bye.
  case left(GossipMember)
  /// A member that had died or left was forgotten.
  case forgotten(MemberID)
  /// Two nodes claim the same name and epoch from different addresses; the one that was known first stays.
  case conflict(GossipMember, claimedBy: GossipAddress)
  /// Another node uses this node's own name from another address.
  case superseded(by: GossipAddress)
  /// This node took a higher epoch, because the cluster remembers an earlier life of it with the old one.
  case renewed(epoch: UInt64)
  /// A join reached a member and the tables are equal.
  case joinCompleted(through: GossipAddress)
  /// No address could be joined; it is tried again after a while.
  case joinFailed(attempts: Int)
  /// The good-bye was passed on as often as it takes; the driver may stop.
  case leaveCompleted
  /// This node stood still for so long; nobody was suspected because of it.
  case paused(Duration)
  /// A broadcast of a member arrived.
  case broadcast(from: MemberID?, name: [UInt8], payload: [UInt8])
  /// A record of a present owner was written.
  case recordPublished(TableRecord)
  /// A record of a present owner was withdrawn.
  case recordWithdrawn(TableRecord)
  /// The owner of some records is gone: they are hidden until it comes back.
  case recordsHidden(owner: MemberID)
  /// The owner of some records is there: they are visible (again).
  case recordsShown(owner: MemberID)
  /// Whoever reads the events was too slow and missed some; look at members and records anew.
  ///
  /// Only drivers say so.
  case eventsMissed
}
