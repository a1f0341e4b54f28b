// SPDX-License-Identifier: Apache-2.0

internal import DequeModule

/// Records that spread by gossip: each has one owner, the last write wins, and what is withdrawn stays known for a while.
///
/// Records of an owner that is dead or unknown are hidden, not dropped: when it comes back, so do they (moby#53141).
package struct GossipTable: Sendable {
  /// The records of one owner.
  private struct Owner: Sendable {
    var digest: UInt64 = 0
    var liveCount = 0
    var isPresent = false
    var slots: [Slot] = []
  }

  private struct Withdrawal: Sendable {
    var slot: Slot
    var version: RecordVersion
    var forgetAt: Duration
  }

  /// What became of a version that was offered.
  enum Outcome: Equatable {
    /// It is newer, and now holds.
    case taken(Slot)
    /// It is known already.
    case known
    /// A newer one is known.
    case stale(Slot)
    /// The table is full.
    case refused
  }

  private var records: [StoredRecord] = []
  private var index: [UInt64: Slot] = [:]
  private var vacant: [Slot] = []
  private var owners: [UInt64: Owner] = [:]
  private var withdrawals = Deque<Withdrawal>()
  private let limit: Int
  /// The latest Lamport time seen.
  private(set) var time: UInt64 = 0
  /// Equal for tables that hold the same records of the same present owners.
  private(set) var digest: UInt64 = 0
  /// How many records the digest stands for.
  package private(set) var visibleCount = 0

  init(limit: Int) { self.limit = limit }

  /// How many records are held: visible, hidden and withdrawn ones.
  package var count: Int { self.records.count - self.vacant.count }

  subscript(_ slot: Slot) -> StoredRecord { self.records[Int(slot)] }

  /// One behind the last slot in use.
  var slotEnd: Slot { Slot(self.records.count) }

  static func fingerprint(owner: UInt64, key: ArraySlice<UInt8>) -> UInt64 {
    Mixing.fingerprint(key, salt: owner)
  }

  func slot(owner: UInt64, key: ArraySlice<UInt8>) -> Slot? {
    guard let slot = self.index[Self.fingerprint(owner: owner, key: key)] else { return nil }
    let record = self.records[Int(slot)]
    return record.owner == owner && record.key == key ? slot : nil
  }

  /// The slots of an owner's records, in no particular order but the same in every run.
  func slots(of owner: UInt64) -> [Slot] { self.owners[owner]?.slots ?? [] }

  func isPresent(_ owner: UInt64) -> Bool { self.owners[owner]?.isPresent ?? false }

  /// The next Lamport time.
  mutating func advance() -> UInt64 {
    self.time += 1
    return self.time
  }

  /// Notes a Lamport time that somebody else used.
  mutating func see(_ time: UInt64) { self.time = max(self.time, time) }

  /// Takes a version if it is newer than what is known.
  ///
  /// A withdrawal is kept even of a record that was never seen, so that an older version that comes later doesn't bring it to
  /// life.
  mutating func offer(_ claim: RecordClaim, forgetAt: Duration) -> Outcome {
    let fingerprint = Self.fingerprint(owner: claim.owner, key: claim.key)
    self.time = max(self.time, claim.version.time)
    let record = StoredRecord(claim, fingerprint: fingerprint)
    let slot: Slot
    if let known = self.index[fingerprint] {
      let old = self.records[Int(known)]
      guard old.owner == claim.owner, old.key == claim.key else { return .refused }
      if claim.version == old.version { return .known }
      if claim.version < old.version { return .stale(known) }
      self.account(old, by: -1)
      slot = known
      self.records[Int(slot)] = record
    } else {
      guard self.count < self.limit else { return .refused }
      slot = self.place(record)
      self.index[fingerprint] = slot
      self.owners[claim.owner, default: Owner()].slots.append(slot)
    }
    self.account(record, by: 1)
    if claim.isWithdrawn {
      self.withdrawals.append(Withdrawal(slot: slot, version: claim.version, forgetAt: forgetAt))
    }
    return .taken(slot)
  }

  private mutating func place(_ record: StoredRecord) -> Slot {
    if let free = self.vacant.popLast() {
      self.records[Int(free)] = record
      return free
    }
    self.records.append(record)
    return Slot(self.records.count - 1)
  }

  private mutating func account(_ record: StoredRecord, by sign: Int) {
    guard !record.isWithdrawn, !record.isVacant else { return }
    var owner = self.owners[record.owner] ?? Owner()
    owner.digest ^= record.digest
    owner.liveCount += sign
    if owner.isPresent {
      self.digest ^= record.digest
      self.visibleCount += sign
    }
    self.owners[record.owner] = owner
  }

  /// Hides or shows an owner's records.
  ///
  /// - Returns: whether there are any.
  mutating func setPresence(of fingerprint: UInt64, _ isPresent: Bool) -> Bool {
    guard var owner = self.owners[fingerprint] else {
      if isPresent { self.owners[fingerprint] = Owner(isPresent: true) }
      return false
    }
    guard owner.isPresent != isPresent else { return false }
    owner.isPresent = isPresent
    self.digest ^= owner.digest
    self.visibleCount += isPresent ? owner.liveCount : -owner.liveCount
    self.owners[fingerprint] = owner
    return owner.liveCount > 0
  }

  /// Forgets everything about an owner that is itself forgotten.
  mutating func forget(owner fingerprint: UInt64) {
    guard let owner = self.owners[fingerprint] else { return }
    for slot in owner.slots { self.vacate(slot) }
    if owner.isPresent {
      self.digest ^= owner.digest
      self.visibleCount -= owner.liveCount
    }
    self.owners[fingerprint] = nil
  }

  private mutating func vacate(_ slot: Slot) {
    self.index[self.records[Int(slot)].fingerprint] = nil
    self.records[Int(slot)].vacate()
    self.vacant.append(slot)
  }

  /// When the oldest withdrawal may be forgotten.
  var nextDeadline: Duration? { self.withdrawals.first?.forgetAt }

  /// Forgets withdrawals whose time has come.
  mutating func forgetWithdrawn(now: Duration) {
    while let first = self.withdrawals.first, first.forgetAt <= now {
      self.withdrawals.removeFirst()
      let record = self.records[Int(first.slot)]
      guard record.isWithdrawn, !record.isVacant, record.version == first.version else { continue }
      self.owners[record.owner]?.slots.removeAll { $0 == first.slot }
      self.vacate(first.slot)
    }
  }

  /// The digest of each of the buckets that records are spread over; empty without visible records.
  func bucketDigests() -> [UInt64] {
    if self.visibleCount == 0 { return [] }
    var buckets = [UInt64](repeating: 0, count: Self.bucketCount)
    for record in self.records where !record.isWithdrawn && self.isPresent(record.owner) {
      buckets[Self.bucket(of: record.fingerprint)] ^= record.digest
    }
    return buckets
  }

  static let bucketCount = 1024
  static func bucket(of fingerprint: UInt64) -> Int { Int(fingerprint & 0x3FF) }
}
