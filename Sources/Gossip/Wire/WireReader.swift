// SPDX-License-Identifier: Apache-2.0

/// Reads what ``WireWriter`` writes.
///
/// Any input gives values or a typed error, and nothing is reserved on its word.
struct WireReader {
  private let bytes: ArraySlice<UInt8>
  private var position: Int
  private let end: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    self.position = bytes.startIndex
    self.end = bytes.endIndex
  }

  var isAtEnd: Bool { self.position == self.end }

  mutating func byte() throws(GossipError) -> UInt8 {
    guard self.position < self.end else { throw Self.cutOff }
    let value = self.bytes[self.position]
    self.position &+= 1
    return value
  }

  private mutating func number(_ count: Int) throws(GossipError) -> UInt64 {
    guard self.end &- self.position >= count else { throw Self.cutOff }
    var value: UInt64 = 0
    for offset in 0..<count { value = value << 8 | UInt64(self.bytes[self.position &+ offset]) }
    self.position &+= count
    return value
  }

  mutating func uint16() throws(GossipError) -> UInt16 { UInt16(truncatingIfNeeded: try self.number(2)) }
  mutating func uint32() throws(GossipError) -> UInt32 { UInt32(truncatingIfNeeded: try self.number(4)) }
  mutating func uint64() throws(GossipError) -> UInt64 { try self.number(8) }

  mutating func varint() throws(GossipError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      let byte = try self.byte()
      guard shift < 63 || byte < 2 else { break }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 {
        // One way to write each number: decoding and encoding give the same bytes.
        guard byte != 0 || shift == 0 else { break }
        return value
      }
    }
    throw GossipError(.malformed, "a number is too large or padded")
  }

  mutating func varint(upTo limit: UInt64) throws(GossipError) -> UInt64 {
    let value = try self.varint()
    guard value <= limit else { throw GossipError(.malformed, "a number is out of bounds") }
    return value
  }

  mutating func data(upTo limit: Int) throws(GossipError) -> ArraySlice<UInt8> {
    let count = Int(try self.varint(upTo: UInt64(limit)))
    return try self.take(count)
  }

  mutating func take(_ count: Int) throws(GossipError) -> ArraySlice<UInt8> {
    guard self.end &- self.position >= count else { throw Self.cutOff }
    defer { self.position &+= count }
    return self.bytes[self.position..<(self.position &+ count)]
  }

  mutating func id() throws(GossipError) -> MemberID {
    let count = Int(try self.byte())
    let bytes = try self.take(count)
    do {
      return try MemberID(bytes)
    } catch {
      throw GossipError(.malformed, error.message)
    }
  }

  mutating func address() throws(GossipError) -> GossipAddress {
    switch try self.byte() {
    case 4:
      let ip = try self.uint32()
      return GossipAddress(ipv4: ip, port: try self.uint16())
    case 6:
      let upper = try self.uint64()
      let lower = try self.uint64()
      let address = GossipAddress(ipv6: (upper, lower), port: try self.uint16())
      guard address.ipv4 == nil else { throw GossipError(.malformed, "an IPv4 address is written as IPv6") }
      return address
    default:
      throw GossipError(.malformed, "an address is neither IPv4 nor IPv6")
    }
  }

  private static var cutOff: GossipError { GossipError(.malformed, "the bytes end too early") }
}
