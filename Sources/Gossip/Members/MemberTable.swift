// SPDX-License-Identifier: Apache-2.0

/// One line of the table: 16 bytes, so that a simulation of 10,000 nodes fits into memory.
struct MemberRecord: Sendable {
  var card: MemberCard
  var incarnation: UInt32
  /// Nil for a vacant slot.
  var status: GossipMember.Status?

  var isPresent: Bool { self.status == .alive || self.status == .suspect }

  /// What this line adds to the digest.
  ///
  /// Members that are gone add nothing, because each node forgets them at its own time.
  var digest: UInt64 {
    guard self.isPresent else { return 0 }
    let epoch = Mixing.mix(self.card.fingerprint &+ self.card.epoch)
    return Mixing.mix(epoch &+ UInt64(self.incarnation))
  }

  var member: GossipMember {
    GossipMember(
      id: self.card.id,
      epoch: self.card.epoch,
      incarnation: self.incarnation,
      address: self.card.address,
      metadata: self.card.metadata,
      status: self.status ?? .left
    )
  }
}

/// A place in the table.
///
/// Places are used again after their member is forgotten.
typealias Slot = UInt32

/// Everybody this node knows.
package struct MemberTable: Sendable {
  /// The line of this node itself.
  private(set) var own: Slot = 0
  private(set) var records: [MemberRecord] = []
  private var index: [UInt64: Slot] = [:]
  private var vacant: [Slot] = []
  /// Members that are alive or suspect, this node among them.
  package private(set) var presentCount = 0
  /// Equal for nodes that hold the same members for present, with the same incarnations.
  package private(set) var digest: UInt64 = 0

  init(own: MemberCard) {
    self.insert(own, incarnation: 0, status: .alive)
  }

  /// How many members are known, present or not.
  package var count: Int { self.records.count - self.vacant.count }

  subscript(_ slot: Slot) -> MemberRecord { self.records[Int(slot)] }

  func slot(of fingerprint: UInt64) -> Slot? { self.index[fingerprint] }

  @discardableResult
  mutating func insert(_ card: MemberCard, incarnation: UInt32, status: GossipMember.Status) -> Slot {
    let record = MemberRecord(card: card, incarnation: incarnation, status: status)
    let slot: Slot
    if let free = self.vacant.popLast() {
      slot = free
      self.records[Int(free)] = record
    } else {
      slot = Slot(self.records.count)
      self.records.append(record)
    }
    self.index[card.fingerprint] = slot
    self.digest ^= record.digest
    if status.isPresent { self.presentCount += 1 }
    return slot
  }

  /// Replaces what is known about the member of a slot.
  mutating func update(_ slot: Slot, card: MemberCard? = nil, incarnation: UInt32, status: GossipMember.Status) {
    let place = Int(slot)
    let old = self.records[place]
    if let card { self.records[place].card = card }
    self.records[place].incarnation = incarnation
    self.records[place].status = status
    self.digest ^= old.digest ^ self.records[place].digest
    self.presentCount += (status.isPresent ? 1 : 0) - (old.isPresent ? 1 : 0)
  }

  /// Forgets a member that is gone.
  mutating func remove(_ slot: Slot) {
    let record = self.records[Int(slot)]
    self.index[record.card.fingerprint] = nil
    self.digest ^= record.digest
    if record.isPresent { self.presentCount -= 1 }
    self.records[Int(slot)].status = nil
    self.vacant.append(slot)
  }

  /// Takes over a table that other nodes share; it must hold this node, too.
  package mutating func adopt(_ shared: MemberTable) {
    guard let place = shared.index[self[self.own].card.fingerprint] else { return }
    self = shared
    self.own = place
  }

  /// The digest of each of the buckets that members are spread over by their fingerprint.
  func bucketDigests() -> [UInt64] {
    var buckets = [UInt64](repeating: 0, count: Self.bucketCount)
    for record in self.records where record.isPresent {
      buckets[Self.bucket(of: record.card.fingerprint)] ^= record.digest
    }
    return buckets
  }

  static let bucketCount = 256
  static func bucket(of fingerprint: UInt64) -> Int { Int(fingerprint & 0xFF) }
}
