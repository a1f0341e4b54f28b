// SPDX-License-Identifier: Apache-2.0

internal import Gossip

/// The keys that packets are opened with; the first one seals.
///
/// Three keys let a cluster rotate without losing a packet: all members install the new key, then all use it, then all remove
/// the old one.
struct Keyring: Sendable {
  static let limit = 3

  private(set) var keys: [GossipKey]

  /// - Throws: `GossipError` with code `invalidConfiguration` for more than three keys, or one twice.
  init(_ keys: [GossipKey]) throws(GossipError) {
    guard keys.count <= Self.limit else {
      throw GossipError(.invalidConfiguration, "a ring holds \(Self.limit) keys, not \(keys.count)")
    }
    guard Set(keys).count == keys.count else { throw GossipError(.invalidConfiguration, "a key is in the ring twice") }
    self.keys = keys
  }

  var primary: GossipKey? { self.keys.first }

  /// Adds a key for opening; nothing happens when it is there already.
  mutating func install(_ key: GossipKey) throws(GossipError) {
    if self.keys.contains(key) { return }
    guard !self.keys.isEmpty else {
      throw GossipError(.invalidConfiguration, "a cluster that began in the clear stays so until its members start anew")
    }
    guard self.keys.count < Self.limit else { throw GossipError(.full, "the ring holds \(self.keys.count) keys; remove one") }
    self.keys.append(key)
  }

  /// Seals with this key from now on.
  mutating func use(_ id: GossipKey.ID) throws(GossipError) {
    guard let place = self.keys.firstIndex(where: { $0.id == id }) else { throw Self.unknown(id) }
    self.keys.insert(self.keys.remove(at: place), at: 0)
  }

  /// Opens nothing with this key any more.
  mutating func remove(_ id: GossipKey.ID) throws(GossipError) {
    guard let place = self.keys.firstIndex(where: { $0.id == id }) else { throw Self.unknown(id) }
    guard place > 0 else { throw GossipError(.keyInUse, "key \(id) seals; use another one first") }
    self.keys.remove(at: place)
  }

  private static func unknown(_ id: GossipKey.ID) -> GossipError {
    GossipError(.wrongKey, "key \(id) isn't in the ring")
  }
}
