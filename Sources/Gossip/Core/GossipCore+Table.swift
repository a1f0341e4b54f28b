// SPDX-License-Identifier: Apache-2.0

extension GossipCore {
  /// Takes over a record.
  mutating func take(_ claim: RecordClaim, isHistory: Bool = false) {
    if claim.owner == self.ownFingerprint {
      self.takeOwn(claim)
      return
    }
    let key = claim.key
    let before = self.table.slot(owner: claim.owner, key: key).map { self.table[$0] }
    guard case .taken(let slot) = self.table.offer(claim, forgetAt: self.forgetWithdrawnAt) else { return }
    self.tableChanged()
    if !isHistory { self.enqueue(.record(slot), .record) }
    guard self.table.isPresent(claim.owner) else { return }
    if !claim.isWithdrawn {
      self.events.append(.recordPublished(self.tableRecord(slot)))
    } else if let before, !before.isWithdrawn {
      self.events.append(.recordWithdrawn(self.hostRecord(before)))
    }
  }

  /// Somebody holds a version of an own record that this member doesn't: from an earlier life, or from a table that forgot a
  /// withdrawal.
  ///
  /// What this member holds itself is said again, later; what it doesn't hold is withdrawn.
  private mutating func takeOwn(_ claim: RecordClaim) {
    let slot = self.table.slot(owner: claim.owner, key: claim.key)
    if let slot, self.table[slot].version >= claim.version { return }
    self.table.see(claim.version.time)
    if let slot, !self.table[slot].isWithdrawn {
      self.write(key: claim.key, value: self.table[slot].value, isWithdrawn: false)
    } else if !claim.isWithdrawn {
      self.write(key: claim.key, value: [], isWithdrawn: true)
    }
  }

  private var forgetWithdrawnAt: Duration { self.now + self.configuration.retention.withdrawn }

  @discardableResult
  private mutating func write(key: ArraySlice<UInt8>, value: ArraySlice<UInt8>, isWithdrawn: Bool) -> Bool {
    let own = self.members[self.members.own].card
    let version = RecordVersion(epoch: own.epoch, time: self.table.advance())
    let claim = RecordClaim(owner: own.fingerprint, version: version, isWithdrawn: isWithdrawn, key: key, value: value)
    guard case .taken(let slot) = self.table.offer(claim, forgetAt: self.forgetWithdrawnAt) else { return false }
    self.tableChanged()
    self.enqueue(.record(slot), .ownRecord)
    return true
  }

  /// Says all own records again under a new epoch.
  mutating func republish() {
    for slot in self.table.slots(of: self.ownFingerprint) where !self.table[slot].isWithdrawn {
      let record = self.table[slot]
      self.write(key: record.key, value: record.value, isWithdrawn: false)
    }
  }

  // MARK: - What a host says and asks

  /// Writes a record of this member, which spreads to all.
  ///
  /// - Parameters:
  ///   - key: 1 to 128 bytes.
  ///   - value: at most 768 bytes.
  ///   - now: the current time.
  /// - Throws: ``GossipError/Code/tooLarge``, ``GossipError/Code/full``, ``GossipError/Code/left``.
  public mutating func publish(key: [UInt8], value: [UInt8], now: Duration) throws(GossipError) {
    try self.checkPresent()
    guard 1...GossipConfiguration.maximumKeyBytes ~= key.count, value.count <= GossipConfiguration.maximumValueBytes else {
      throw GossipError(.tooLarge, "a key has 1 to 128 bytes and a value at most 768")
    }
    self.begin(now)
    guard self.write(key: key[...], value: value[...], isWithdrawn: false) else {
      throw GossipError(.full, "the table holds \(self.table.count) records")
    }
  }

  /// Withdraws a record of this member.
  ///
  /// - Returns: whether there was one.
  @discardableResult
  public mutating func withdraw(key: [UInt8], now: Duration) -> Bool {
    self.begin(now)
    guard let slot = self.table.slot(owner: self.ownFingerprint, key: key[...]), !self.table[slot].isWithdrawn else {
      return false
    }
    return self.write(key: key[...], value: [], isWithdrawn: true)
  }

  /// The records of a present member, sorted by key.
  ///
  /// Empty while it is dead or unknown: then they are hidden.
  public func records(of owner: MemberID) -> [TableRecord] {
    let fingerprint = owner.fingerprint
    guard self.table.isPresent(fingerprint) else { return [] }
    let slots = self.table.slots(of: fingerprint).filter { !self.table[$0].isWithdrawn }
    return slots.map { self.tableRecord($0) }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
  }

  /// One record of a present member.
  public func record(of owner: MemberID, key: [UInt8]) -> TableRecord? {
    guard let slot = self.table.slot(owner: owner.fingerprint, key: key[...]), !self.table[slot].isWithdrawn,
      self.table.isPresent(owner.fingerprint)
    else { return nil }
    return self.tableRecord(slot)
  }

  /// The records of all present members whose keys begin with these bytes, sorted by key and owner.
  ///
  /// Looks at every record.
  public func records(withPrefix prefix: [UInt8]) -> [TableRecord] {
    var found: [TableRecord] = []
    for slot in 0..<self.table.slotEnd {
      let record = self.table[slot]
      guard !record.isVacant, !record.isWithdrawn, record.key.starts(with: prefix), self.table.isPresent(record.owner) else {
        continue
      }
      found.append(self.hostRecord(record))
    }
    return found.sorted { left, right in
      if left.key != right.key { return left.key.lexicographicallyPrecedes(right.key) }
      guard let first = left.owner, let second = right.owner else { return left.owner == nil && right.owner != nil }
      return first < second
    }
  }

  /// How many records of present members there are.
  public var recordCount: Int { self.table.visibleCount }

  private func tableRecord(_ slot: Slot) -> TableRecord { self.hostRecord(self.table[slot]) }

  private func hostRecord(_ record: StoredRecord) -> TableRecord {
    TableRecord(
      owner: self.members.slot(of: record.owner).map { self.members[$0].card.id },
      key: Array(record.key),
      value: Array(record.value),
      version: record.version
    )
  }
}
