// SPDX-License-Identifier: Apache-2.0

/// Something said about a member: the unit of rumours and of synchronisation.
struct Claim: Hashable, Sendable {
  enum Kind: UInt8, Sendable {
    case alive = 1
    case suspect = 2
    case dead = 3
    case left = 4
  }

  var kind: Kind
  var id: MemberID
  var epoch: UInt64
  var incarnation: UInt32
  /// Where the member listens; not with suspicions.
  var address: GossipAddress?
  /// Only with `alive`.
  var metadata: ArraySlice<UInt8> = []
  /// Whose probe failed: its fingerprint.
  ///
  /// Only with suspicions and deaths.
  var accuser: UInt64 = 0

  /// Epochs and incarnations from outside stay below, so that counting on can't overflow.
  static let largestEpoch: UInt64 = 1 << 56
  static let largestIncarnation: UInt32 = 1 << 31

  /// The bytes of the fields that follow kind and length.
  var length: Int {
    let identity = 1 + self.id.count + WireWriter.varintLength(self.epoch) + WireWriter.varintLength(UInt64(self.incarnation))
    let address = self.address.map { WireWriter.addressLength($0) } ?? 0
    switch self.kind {
    case .alive: return identity + address + WireWriter.varintLength(UInt64(self.metadata.count)) + self.metadata.count
    case .suspect: return identity + 8
    case .dead: return identity + address + 8
    case .left: return identity + address
    }
  }

  /// All bytes on the wire.
  var encodedLength: Int {
    let length = self.length
    return 1 + WireWriter.varintLength(UInt64(length)) + length
  }
}

extension WireWriter {
  mutating func claim(_ claim: Claim) {
    self.byte(claim.kind.rawValue)
    self.varint(UInt64(claim.length))
    self.id(claim.id)
    self.varint(claim.epoch)
    self.varint(UInt64(claim.incarnation))
    if claim.kind != .suspect, let address = claim.address { self.address(address) }
    switch claim.kind {
    case .alive: self.data(claim.metadata)
    case .suspect, .dead: self.uint64(claim.accuser)
    case .left: break
    }
  }
}

extension WireReader {
  /// Reads the fields of a claim; what newer versions add at their end is passed over.
  mutating func claim(_ kind: Claim.Kind) throws(GossipError) -> Claim {
    let id = try self.id()
    let epoch = try self.varint(upTo: Claim.largestEpoch)
    let incarnation = UInt32(truncatingIfNeeded: try self.varint(upTo: UInt64(Claim.largestIncarnation)))
    var claim = Claim(kind: kind, id: id, epoch: epoch, incarnation: incarnation)
    if kind != .suspect { claim.address = try self.address() }
    switch kind {
    case .alive: claim.metadata = try self.data(upTo: GossipConfiguration.maximumMetadataBytes)
    case .suspect, .dead: claim.accuser = try self.uint64()
    case .left: break
    }
    return claim
  }
}
