// SPDX-License-Identifier: Apache-2.0

/// Witnesses: members that vote and store the log, so that two full members and a small third machine make a group of three,
/// but have no state machine.
///
/// A witness holds the entries themselves, not only their terms. It costs disk, and it means that nothing committed is ever
/// out of reach: when the leader dies and only the witness has the newest entries, a witness without them could neither vote
/// for the other nor help it, and the group would stand still. Ours is elected as a last resort (it waits until everybody
/// else had a chance), and leads as a *caretaker*: it takes no proposals, brings a full member up to date and hands
/// leadership to it. It can't give what only a snapshot of a state machine holds; therefore keep enough of the log
/// (``RaftConfiguration/Memory``).
///
/// A driver gives a witness no state machine: it reports ``Ready/committed`` and ``Ready/restore`` as applied at once, and its
/// own snapshots have no bytes. The leader's core sends it ``Message/Body/installSnapshot(_:)`` by itself, without a stream.
extension RaftCore {
  /// Whether this member is a witness.
  public var isWitness: Bool { self.membership[self.id]?.isWitness ?? false }

  /// Whether this member leads only to hand leadership over.
  public var isCaretaker: Bool { self.leadership?.isCaretaker ?? false }

  /// A caretaker hands over to the first full voter that holds its whole log, and to another when that one doesn't take it.
  mutating func handOverAsCaretaker() {
    guard let leadership, leadership.isCaretaker, leadership.transfer == nil, let successor = self.caretakerSuccessor else {
      return
    }
    guard let position = leadership.position(of: successor), leadership.peers[position].match == self.log.lastIndex else {
      return
    }
    let deadline = self.now + self.configuration.electionTimeout
    self.leadership?.transfer = Leadership.Transfer(target: successor, deadline: deadline)
  }

  /// While nothing of its term is committed, one that is on its way out will do, too: it may be the only one that can bring
  /// the others up to date, by a snapshot that a witness hasn't got.
  private var caretakerSuccessor: RaftID? {
    guard !self.hasCommittedInTerm else { return self.bestSuccessor }
    let last = self.log.lastIndex
    return self.leadership?.peers.first { peer in
      peer.match == last && self.membership[peer.id]?.isWitness == false && self.membership.isVoter(peer.id)
    }?.id
  }
}
