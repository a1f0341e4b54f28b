// SPDX-License-Identifier: Apache-2.0

/// Writes numbers big-endian, varints seven bits at a time from the lowest.
struct WireWriter: Sendable {
  var bytes: [UInt8] = []

  mutating func byte(_ value: UInt8) { self.bytes.append(value) }

  mutating func uint16(_ value: UInt16) {
    self.bytes.append(UInt8(truncatingIfNeeded: value >> 8))
    self.bytes.append(UInt8(truncatingIfNeeded: value))
  }

  mutating func uint32(_ value: UInt32) {
    self.uint16(UInt16(truncatingIfNeeded: value >> 16))
    self.uint16(UInt16(truncatingIfNeeded: value))
  }

  mutating func uint64(_ value: UInt64) {
    self.uint32(UInt32(truncatingIfNeeded: value >> 32))
    self.uint32(UInt32(truncatingIfNeeded: value))
  }

  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      self.bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    self.bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  mutating func data(_ data: ArraySlice<UInt8>) {
    self.varint(UInt64(data.count))
    self.bytes.append(contentsOf: data)
  }

  mutating func id(_ id: MemberID) {
    self.byte(UInt8(truncatingIfNeeded: id.count))
    for position in 0..<id.count { self.bytes.append(id.byte(at: position)) }
  }

  mutating func address(_ address: GossipAddress) {
    if let ipv4 = address.ipv4 {
      self.byte(4)
      self.uint32(ipv4)
    } else {
      self.byte(6)
      self.uint64(address.ipv6.upper)
      self.uint64(address.ipv6.lower)
    }
    self.uint16(address.port)
  }

  static func varintLength(_ value: UInt64) -> Int {
    max(1, (UInt64.bitWidth - value.leadingZeroBitCount + 6) / 7)
  }

  static func addressLength(_ address: GossipAddress) -> Int { address.ipv4 == nil ? 19 : 7 }
}
