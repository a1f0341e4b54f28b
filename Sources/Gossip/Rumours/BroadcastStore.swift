// SPDX-License-Identifier: Apache-2.0

internal import DequeModule

/// Broadcasts that wait to be passed on, and the fingerprints of those that were heard lately.
struct BroadcastStore: Sendable {
  /// How many broadcasts are remembered, so that none is delivered twice.
  private static let memory = 8192

  private(set) var waiting: [UInt64: BroadcastClaim] = [:]
  private var heard: Set<UInt64> = []
  private var order = Deque<UInt64>()
  /// The latest waiting broadcast per sender and name.
  private var named: [UInt64: UInt64] = [:]
  private var nextNumber: UInt64 = 0

  mutating func takeNumber() -> UInt64 {
    self.nextNumber += 1
    return self.nextNumber
  }

  /// Notes a broadcast; false when it was heard before.
  mutating func hear(_ fingerprint: UInt64) -> Bool {
    guard self.heard.insert(fingerprint).inserted else { return false }
    self.order.append(fingerprint)
    if self.order.count > Self.memory, let oldest = self.order.popFirst() { self.heard.remove(oldest) }
    return true
  }

  /// Keeps a broadcast for passing on.
  ///
  /// - Returns: the fingerprint of an older one of the same name that it replaces.
  mutating func keep(_ broadcast: BroadcastClaim) -> UInt64? {
    let fingerprint = broadcast.fingerprint
    self.waiting[fingerprint] = broadcast
    guard !broadcast.name.isEmpty else { return nil }
    let name = Mixing.fingerprint(broadcast.name, salt: broadcast.origin)
    let replaced = self.named.updateValue(fingerprint, forKey: name)
    if let replaced, replaced != fingerprint { self.waiting[replaced] = nil }
    return replaced
  }

  /// Whether a later broadcast of the same name is waiting.
  func isOutdated(_ broadcast: BroadcastClaim) -> Bool {
    guard !broadcast.name.isEmpty,
      let latest = self.named[Mixing.fingerprint(broadcast.name, salt: broadcast.origin)],
      let known = self.waiting[latest]
    else { return false }
    return (broadcast.epoch, broadcast.number) < (known.epoch, known.number)
  }

  mutating func drop(_ fingerprint: UInt64) {
    guard let broadcast = self.waiting.removeValue(forKey: fingerprint), !broadcast.name.isEmpty else { return }
    let name = Mixing.fingerprint(broadcast.name, salt: broadcast.origin)
    if self.named[name] == fingerprint { self.named[name] = nil }
  }
}
