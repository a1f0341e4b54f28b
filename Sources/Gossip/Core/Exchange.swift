// SPDX-License-Identifier: Apache-2.0

/// A stream and what it is for.
struct Exchange: Sendable {
  enum Purpose: Sendable {
    /// Looks at a member beside the helpers.
    case probe
    /// The last look before a verdict.
    case secondChance
    /// Makes tables equal; this side began.
    case sync(Sync)
    /// Whatever the other side that began it wants.
    case incoming(Sync?)
  }

  var id: StreamID
  var peer: GossipAddress
  var deadline: Duration
  var purpose: Purpose
}

/// How far two sides are with making their tables equal.
///
/// Both say the digests of their buckets. The side that was asked then sends, part by part, what it has in the buckets that
/// differ; then the other side sends what it has there and wasn't told. Each part waits for the word to go on, so that neither side
/// ever holds more than one.
struct Sync: Sendable {
  enum Reason: Sendable {
    case repair, join, heal
  }

  enum Step: Sendable {
    /// Waits for the other side's digests.
    case comparing
    case receiving
    case sending
  }

  var reason: Reason
  var step = Step.comparing
  /// Which buckets differ.
  var members: [Bool] = []
  var records: [Bool] = []
  /// The next slots to send.
  var nextMember: Slot = 0
  var nextRecord: Slot = 0
  var hasSentLast = false
  /// What the other side told, by fingerprint; it needs no telling.
  var told: Set<UInt64> = []

  /// Marks the buckets in which two sides differ.
  ///
  /// A side without records sends none of their digests.
  static func differences(_ own: [UInt64], _ other: [UInt64]) -> [Bool] {
    let count = max(own.count, other.count)
    return (0..<count).map { place in
      (place < own.count ? own[place] : 0) != (place < other.count ? other[place] : 0)
    }
  }
}
