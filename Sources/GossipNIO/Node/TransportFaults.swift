// SPDX-License-Identifier: Apache-2.0

package import Gossip

/// Failures that tests ask for, at the places where a network fails.
package struct TransportFaults: Sendable {
  /// What is lost.
  package enum Kind: Sendable {
    /// A datagram, on its way out or in.
    case packet
    /// A connection, or a frame that comes on one.
    case stream
  }

  /// Answers with whether something to or from a place is lost.
  package var drops: @Sendable (Kind, GossipAddress) -> Bool

  package init(drops: @escaping @Sendable (Kind, GossipAddress) -> Bool = { _, _ in false }) {
    self.drops = drops
  }
}
