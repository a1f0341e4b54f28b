// SPDX-License-Identifier: Apache-2.0

internal import Gossip
internal import GossipNIO
internal import SwarmModel

/// Which managers are there and where, by what gossip says of the members one by one.
///
/// In a large swarm thousands of nodes come and go and few of them are managers: what is said of a worker costs nothing here.
struct GossipedManagers: Sendable, Hashable {
  private struct Place: Hashable {
    /// Where it gossips.
    var seed: GossipEndpoint
    /// Where its port is.
    var address: String
  }

  private var places: [MemberID: Place] = [:]

  /// Where the managers gossip, for those who begin.
  var seeds: [String] {
    self.places.sorted { $0.key < $1.key }.map(\.value.seed.description)
  }

  /// Where the managers' ports are.
  var addresses: [NodeID: String] {
    var addresses: [NodeID: String] = [:]
    for (id, place) in self.places {
      if let node = NodeID(id.description) { addresses[node] = place.address }
    }
    return addresses
  }

  /// Takes in what is known of a member.
  ///
  /// - Returns: whether the managers are others now.
  mutating func hear(of member: GossipMember) -> Bool {
    let place = Self.place(of: member)
    guard self.places[member.id] != place else { return false }
    self.places[member.id] = place
    return true
  }

  private static func place(of member: GossipMember) -> Place? {
    guard member.status.isPresent, let note = try? GossipNote(encoded: member.metadata) else { return nil }
    guard note.role == .manager, !note.address.isEmpty else { return nil }
    return Place(seed: GossipEndpoint(member.address), address: note.address)
  }
}
