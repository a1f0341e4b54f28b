// SPDX-License-Identifier: Apache-2.0

/// A host's message to all members.
struct BroadcastClaim: Hashable, Sendable {
  static let kind: UInt8 = 6
  static let maximumNameBytes = 64

  /// The fingerprint of the sender.
  var origin: UInt64
  var epoch: UInt64
  /// Counts the broadcasts of this life of the sender.
  var number: UInt64
  /// A later broadcast of the same name replaces this one where it still waits.
  ///
  /// Empty: never replaced.
  var name: ArraySlice<UInt8>
  var payload: ArraySlice<UInt8>

  var length: Int {
    8 + WireWriter.varintLength(self.epoch) + WireWriter.varintLength(self.number)
      + WireWriter.varintLength(UInt64(self.name.count)) + self.name.count
      + WireWriter.varintLength(UInt64(self.payload.count)) + self.payload.count
  }

  var encodedLength: Int {
    let length = self.length
    return 1 + WireWriter.varintLength(UInt64(length)) + length
  }

  /// Names the broadcast among all.
  var fingerprint: UInt64 { Mixing.mix(Mixing.mix(self.origin &+ self.epoch) &+ self.number) }
}

extension WireWriter {
  mutating func broadcast(_ broadcast: BroadcastClaim) {
    self.byte(BroadcastClaim.kind)
    self.varint(UInt64(broadcast.length))
    self.uint64(broadcast.origin)
    self.varint(broadcast.epoch)
    self.varint(broadcast.number)
    self.data(broadcast.name)
    self.data(broadcast.payload)
  }
}

extension WireReader {
  mutating func broadcast() throws(GossipError) -> BroadcastClaim {
    let origin = try self.uint64()
    let epoch = try self.varint(upTo: Claim.largestEpoch)
    let number = try self.varint()
    let name = try self.data(upTo: BroadcastClaim.maximumNameBytes)
    let payload = try self.data(upTo: GossipConfiguration.maximumBroadcastBytes)
    return BroadcastClaim(origin: origin, epoch: epoch, number: number, name: name, payload: payload)
  }
}
