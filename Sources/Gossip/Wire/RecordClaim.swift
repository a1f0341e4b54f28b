// SPDX-License-Identifier: Apache-2.0

/// One version of one record of the gossiped table.
struct RecordClaim: Hashable, Sendable {
  static let kind: UInt8 = 5

  /// The fingerprint of the member that wrote it.
  var owner: UInt64
  var version: RecordVersion
  var isWithdrawn: Bool
  var key: ArraySlice<UInt8>
  var value: ArraySlice<UInt8>

  var length: Int {
    8 + WireWriter.varintLength(self.version.epoch) + WireWriter.varintLength(self.version.time) + 1
      + WireWriter.varintLength(UInt64(self.key.count)) + self.key.count
      + WireWriter.varintLength(UInt64(self.value.count)) + self.value.count
  }

  var encodedLength: Int {
    let length = self.length
    return 1 + WireWriter.varintLength(UInt64(length)) + length
  }
}

extension WireWriter {
  mutating func record(_ record: RecordClaim) {
    self.byte(RecordClaim.kind)
    self.varint(UInt64(record.length))
    self.uint64(record.owner)
    self.varint(record.version.epoch)
    self.varint(record.version.time)
    self.byte(record.isWithdrawn ? 1 : 0)
    self.data(record.key)
    self.data(record.value)
  }
}

extension WireReader {
  mutating func record() throws(GossipError) -> RecordClaim {
    let owner = try self.uint64()
    let epoch = try self.varint(upTo: Claim.largestEpoch)
    let time = try self.varint(upTo: RecordVersion.largestTime)
    let flag = try self.byte()
    let key = try self.data(upTo: GossipConfiguration.maximumKeyBytes)
    let value = try self.data(upTo: GossipConfiguration.maximumValueBytes)
    guard flag < 2, !key.isEmpty, flag == 0 || value.isEmpty else {
      throw GossipError(.malformed, "a record contradicts itself")
    }
    let version = RecordVersion(epoch: epoch, time: time)
    return RecordClaim(owner: owner, version: version, isWithdrawn: flag == 1, key: key, value: value)
  }
}
