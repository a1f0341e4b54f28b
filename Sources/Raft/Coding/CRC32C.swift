// SPDX-License-Identifier: Apache-2.0

/// CRC-32C (Castagnoli polynomial, reflected), eight bytes per step.
package enum CRC32C {
  /// Eight tables of 256 remainders, one behind the other; table `k` advances a byte by `k` further bytes.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var remainder = UInt32(byte)
      for _ in 0..<8 {
        remainder = remainder & 1 == 1 ? (remainder >> 1) ^ 0x82F6_3B78 : remainder >> 1
      }
      tables[byte] = remainder
    }
    for index in 256..<(8 * 256) {
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

  // The indexes into the tables are single bytes plus a multiple of 256 below 2048, and offsets stay below `bytes.count`.
  private static func update(
    _ start: UInt32,
    _ bytes: UnsafeRawBufferPointer,
    _ tables: UnsafeBufferPointer<UInt32>
  ) -> UInt32 {
    guard let table = tables.baseAddress, let base = bytes.baseAddress else { return start }
    var remainder = ~start
    var offset = 0
    let end = bytes.count
    while offset &+ 8 <= end {
      let word = unsafe UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      let mixed = word ^ UInt64(remainder)
      let low = unsafe table[1792 &+ Int(mixed & 0xFF)] ^ table[1536 &+ Int((mixed >> 8) & 0xFF)]
      let middle = unsafe table[1280 &+ Int((mixed >> 16) & 0xFF)] ^ table[1024 &+ Int((mixed >> 24) & 0xFF)]
      let upper = unsafe table[768 &+ Int((mixed >> 32) & 0xFF)] ^ table[512 &+ Int((mixed >> 40) & 0xFF)]
      let high = unsafe table[256 &+ Int((mixed >> 48) & 0xFF)] ^ table[Int(mixed >> 56)]
      remainder = (low ^ middle) ^ (upper ^ high)
      offset &+= 8
    }
    while offset < end {
      let byte = unsafe base.load(fromByteOffset: offset, as: UInt8.self)
      remainder = unsafe (remainder >> 8) ^ table[Int((remainder ^ UInt32(byte)) & 0xFF)]
      offset &+= 1
    }
    return ~remainder
  }
}
