// SPDX-License-Identifier: Apache-2.0

// What the simulator needs besides the public interface.
extension GossipCore {
  /// Learns members without a word on the wire, as if it had known them for long.
  package mutating func acquaint(with others: [GossipMember]) {
    for other in others where self.members.slot(of: other.id.fingerprint) == nil {
      let card = MemberCard(
        id: other.id,
        fingerprint: other.id.fingerprint,
        epoch: other.epoch,
        address: other.address,
        metadata: other.metadata
      )
      self.members.insert(card, incarnation: other.incarnation, status: .alive)
      _ = self.table.setPresence(of: card.fingerprint, true)
    }
  }

  /// Knows what another core knows, sharing its memory until either changes.
  package mutating func adopt(_ other: GossipCore) {
    self.members.adopt(other.members)
    self.table = other.table
  }

  /// Rumours that wait to be passed on.
  package var pendingRumours: Int { self.queue.count }

  /// Streams in use.
  package var openExchanges: Int { self.exchanges.count }

  /// Equal for cores that agree on who is present and on all visible records.
  package var agreement: UInt64 { self.digest }

  /// Whether anybody is under suspicion.
  package var hasSuspicions: Bool { !self.suspicions.isEmpty }
}
