// SPDX-License-Identifier: Apache-2.0

/// What a survivor writes to its log to go on without a majority that is lost for good.
///
/// This gives up what Raft promises: entries that only the lost members had are gone, although they were acknowledged, and
/// entries of the survivor that were never decided will be. It is for an operator, once, after the others are known to be
/// destroyed:
///
/// 1. Stop all survivors, and take the one whose log ends last (``RestoredState/last``: the highest term, then the highest index).
/// 2. Append ``entries`` to its log and store ``hardState``, synced, then start it. A survivor that is kept alone leads at once.
/// 3. Other survivors that are kept start with their disks as they are, and follow. Everybody else joins as a new member.
///
/// The lost members must never come back: their identities are retired, and what they have on their disks may contradict.
public struct QuorumRecovery: Sendable {
  /// The hard state to write.
  public let hardState: HardState
  /// The entries to append: one, with the new configuration.
  public let entries: [Entry]
  /// The new configuration.
  public let membership: Membership
  /// The members that are given up.
  public let lost: [Member]

  /// Plans the recovery of a group from one survivor's disk.
  ///
  /// - Parameters:
  ///   - restored: what the survivor's disk holds.
  ///   - survivor: the member whose disk it is.
  ///   - others: further survivors to keep. All that are kept vote from now on, and none may be ahead of this one.
  /// - Throws: ``RaftError/Code/invalidMembershipChange`` when one of them isn't a member, or witnesses are a majority of them;
  ///   ``RaftError/Code/corrupt`` when the state contradicts itself.
  public init(from restored: RestoredState, survivor: RaftID, keeping others: [RaftID] = []) throws(RaftError) {
    let state = try restored.reconciled()
    let current = state.membership
    let kept = [survivor] + others
    for id in kept where current[id] == nil {
      throw RaftError(.invalidMembershipChange, "member \(id) doesn't belong to the group")
    }
    var members = current.members.filter { kept.contains($0.id) }
    for position in members.indices { members[position].role = .voter }
    guard !Membership(members).canBeDecidedByWitnesses(counting: \.votes) else {
      throw RaftError(.invalidMembershipChange, "witnesses would be a majority of the voters")
    }
    var membership = Membership(members)
    membership.unknownFields = current.unknownFields
    // As if the survivor had led a term of its own: no other leader of that term can have its vote.
    let term = state.hardState.term.next
    self.hardState = HardState(term: term, votedFor: survivor, commit: state.hardState.commit)
    self.entries = try EntryCodec.encode(
      [membership.encoded[...]],
      kind: .configuration,
      term: term,
      startingAt: state.last.index.next
    )
    self.membership = membership
    self.lost = current.members.filter { !kept.contains($0.id) }
  }
}
