// SPDX-License-Identifier: Apache-2.0

internal import Gossip

/// Where mutated packets got to: every kind that was taken, every reason for which something was refused, and everything that
/// the host would have heard.
struct FuzzCoverage: CustomStringConvertible {
  private var taken: [UInt8: Int] = [:]
  private var refused: [String: Int] = [:]
  private var heard: [String: Int] = [:]
  var sealedLength = 0

  private static let kinds: [UInt8] = [1, 2, 3, 4, 5, 6, 65, 66, 67, 68, 69]
  /// Every reason that the decoders of seals, packets, frames and rumours give; numbers stand for any.
  private static let reasons = [
    "something came in the clear", "sealing of format # isn't spoken here", "the sender belongs to another cluster",
    "the sender seals with a key that isn't in the ring", "the seal is broken", "the bytes end too early",
    "format # isn't spoken here", "packets of kind # aren't spoken here", "frames of kind # aren't spoken here",
    "a frame doesn't belong here", "a frame of a synchronisation comes at the wrong time", "a flag is neither # nor #",
    "# buckets instead of #", "a number is out of bounds", "a number is too large or padded", "a record contradicts itself",
    "an address is neither IPv# nor IPv#", "an IPv# address is written as IPv#", "a member's name has # to # bytes, not #",
  ]

  mutating func note(packet: [UInt8]) { self.taken[packet[1], default: 0] += 1 }

  mutating func note(_ error: GossipError) {
    var reason = ""
    for character in error.message {
      if !character.isNumber { reason.append(character) } else if reason.last != "#" { reason.append("#") }
    }
    self.refused[reason, default: 0] += 1
  }

  mutating func note(_ event: GossipEvent) {
    self.heard[String(String(describing: event).prefix { $0 != "(" }), default: 0] += 1
  }

  var description: String {
    let rest = Self.kinds.filter { self.taken[$0] == nil }
    let missing = Self.reasons.filter { self.refused[$0] == nil }
    let others = self.refused.keys.filter { !Self.reasons.contains($0) }.sorted()
    return "fuzz: \(self.taken.values.reduce(0, +)) taken, \(self.refused.values.reduce(0, +)) refused; coverage: "
      + "\(Self.kinds.count - rest.count) of \(Self.kinds.count) kinds taken"
      + (rest.isEmpty ? "" : " (not: \(rest.map(String.init).joined(separator: " ")))")
      + ", \(Self.reasons.count - missing.count) of \(Self.reasons.count) reasons"
      + (missing.isEmpty ? "" : " (not: \(missing.joined(separator: ", ")))")
      + (others.isEmpty ? "" : ", others: \(others.joined(separator: ", "))") + ", events: "
      + self.heard.keys.sorted().joined(separator: " ")
  }
}
