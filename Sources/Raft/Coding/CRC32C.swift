// SPDX-License-Identifier: Apache-2.0

/// CRC-32C (Castagnoli polynomial, reflected), sixteen bytes per step.
package enum CRC32C {
  /// Sixteen tables of 256 remainders, one behind the other; table `k` advances a byte by `k` further bytes.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 16 * 256)
    for byte in 0..<256 {
      var remainder = UInt32(byte)
      for _ in 0..<8 {
        remainder = remainder & 1 == 1 ? (remainder >> 1) ^ 0x82F6_3B78 : remainder >> 1
      }
      tables[byte] = remainder
    }
    for index in 256..<(16 * 256) {
      let shorter = tables[index - 256]
      tables[index] = (shorter >> 8) ^ tables[Int(shorter & 0xFF)]
    }
    return tables
  }()

  /// The checksum of `bytes`, continuing from the checksum of what stood before them.
  package static func checksum(_ bytes: ArraySlice<UInt8>, continuing start: UInt32 = 0) -> UInt32 {
    unsafe bytes.withUnsafeBytes { unsafe self.checksum($0, continuing: start) }
  }

  /// The checksum of `bytes`, continuing from the checksum of what stood before them.
  package static func checksum(_ bytes: UnsafeRawBufferPointer, continuing start: UInt32 = 0) -> UInt32 {
    unsafe self.tables.withUnsafeBufferPointer { unsafe self.update(start, bytes, $0) }
  }

  // The indexes into the tables are single bytes plus a multiple of 256 below 4096, and offsets stay below `bytes.count`.
  private static func update(
    _ start: UInt32,
    _ bytes: UnsafeRawBufferPointer,
    _ tables: UnsafeBufferPointer<UInt32>
  ) -> UInt32 {
    guard let table = tables.baseAddress, let base = bytes.baseAddress else { return start }
    var remainder = ~start
    var offset = 0
    let end = bytes.count
    while offset &+ 16 <= end {
      let first = unsafe UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) ^ UInt64(remainder)
      let second = unsafe UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self))
      // The second word doesn't depend on the remainder, so that both are looked up at the same time.
      remainder = unsafe self.advance(first, table + 2048) ^ self.advance(second, table)
      offset &+= 16
    }
    if offset &+ 8 <= end {
      let word = unsafe UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) ^ UInt64(remainder)
      remainder = unsafe self.advance(word, table)
      offset &+= 8
    }
    while offset < end {
      let byte = unsafe base.load(fromByteOffset: offset, as: UInt8.self)
      remainder = unsafe (remainder >> 8) ^ table[Int((remainder ^ UInt32(byte)) & 0xFF)]
      offset &+= 1
    }
    return ~remainder
  }

  /// The remainder of eight bytes, by the eight tables from `table` on.
  @inline(__always)
  private static func advance(_ word: UInt64, _ table: UnsafePointer<UInt32>) -> UInt32 {
    let low = unsafe table[1792 &+ Int(word & 0xFF)] ^ table[1536 &+ Int((word >> 8) & 0xFF)]
    let middle = unsafe table[1280 &+ Int((word >> 16) & 0xFF)] ^ table[1024 &+ Int((word >> 24) & 0xFF)]
    let upper = unsafe table[768 &+ Int((word >> 32) & 0xFF)] ^ table[512 &+ Int((word >> 40) & 0xFF)]
    let high = unsafe table[256 &+ Int((word >> 48) & 0xFF)] ^ table[Int(word >> 56)]
    return (low ^ middle) ^ (upper ^ high)
  }
}
