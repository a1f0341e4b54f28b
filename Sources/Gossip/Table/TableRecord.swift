// SPDX-License-Identifier: Apache-2.0

/// A record of the gossiped table, as a host sees it.
public struct TableRecord: Hashable, Sendable {
  /// The member that wrote it and alone may change it; nil while that member isn't known here yet.
  public var owner: MemberID?
  /// What it is called; each owner has its own names.
  public var key: [UInt8]
  /// What it says.
  public var value: [UInt8]
  /// When it was written.
  public var version: RecordVersion
}

/// A record as the table holds it: about 100 bytes and its text.
struct StoredRecord: Sendable {
  var fingerprint: UInt64
  var owner: UInt64
  var version: RecordVersion
  var isWithdrawn: Bool
  private var keyLength: UInt8
  /// Key and value one behind the other; empty in a vacant slot.
  private var text: [UInt8]

  init(_ claim: RecordClaim, fingerprint: UInt64) {
    self.fingerprint = fingerprint
    self.owner = claim.owner
    self.version = claim.version
    self.isWithdrawn = claim.isWithdrawn
    self.keyLength = UInt8(truncatingIfNeeded: claim.key.count)
    self.text = Array(claim.key) + Array(claim.value)
  }

  var key: ArraySlice<UInt8> { self.text.prefix(Int(self.keyLength)) }
  var value: ArraySlice<UInt8> { self.text.dropFirst(Int(self.keyLength)) }
  var isVacant: Bool { self.text.isEmpty }

  /// What it adds to the digest.
  ///
  /// Withdrawn records add nothing, because each node forgets them at its own time.
  var digest: UInt64 {
    if self.isWithdrawn || self.isVacant { return 0 }
    return Mixing.mix(Mixing.mix(self.fingerprint &+ self.version.epoch) &+ self.version.time)
  }

  var claim: RecordClaim {
    RecordClaim(
      owner: self.owner,
      version: self.version,
      isWithdrawn: self.isWithdrawn,
      key: self.key,
      value: self.value
    )
  }

  mutating func vacate() {
    self.text = []
    self.isWithdrawn = true
  }
}
