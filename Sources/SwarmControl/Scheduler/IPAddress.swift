// SPDX-License-Identifier: Apache-2.0

/// An IPv4 or IPv6 address, or a network of them.
struct IPAddress: Sendable, Hashable {
  /// 4 or 16 bytes.
  private let bytes: [UInt8]
  /// How many leading bits count.
  private let prefix: Int

  /// Reads `192.0.2.1`, `192.0.2.0/24`, `2001:db8::1` or `2001:db8::/32`; `nil` for anything else.
  init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let address = parts.first, parts.count <= 2 else { return nil }
    guard let bytes = Self.parse4(address) ?? Self.parse6(address) else { return nil }
    self.bytes = bytes
    guard parts.count == 2 else {
      self.prefix = bytes.count * 8
      return
    }
    guard let prefix = Int(parts[1]), prefix >= 0, prefix <= bytes.count * 8 else { return nil }
    self.prefix = prefix
  }

  /// Whether the address, or all of the network, lies in this network (or equals this address).
  func contains(_ address: IPAddress) -> Bool {
    guard address.bytes.count == self.bytes.count, address.prefix >= self.prefix else { return false }
    let whole = self.prefix / 8
    guard self.bytes.prefix(whole) == address.bytes.prefix(whole) else { return false }
    let rest = self.prefix % 8
    guard rest > 0 else { return true }
    return (self.bytes[whole] ^ address.bytes[whole]) >> UInt8(8 - rest) == 0
  }

  private static func parse4(_ text: some StringProtocol) -> [UInt8]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    let bytes = parts.compactMap { part in part.count <= 3 ? UInt8(part) : nil }
    return bytes.count == 4 ? bytes : nil
  }

  private static func parse6(_ text: some StringProtocol) -> [UInt8]? {
    guard text.utf8.count <= 39, text.contains(":") else { return nil }
    var groups: [UInt16] = []
    var gap: Int?
    var fields = text.split(separator: ":", omittingEmptySubsequences: false)
    // A leading or trailing "::" gives one empty field too many.
    if fields.count >= 2, fields[0].isEmpty, fields[1].isEmpty { fields.removeFirst() }
    if fields.count >= 2, fields[fields.count - 1].isEmpty, fields[fields.count - 2].isEmpty { fields.removeLast() }
    for field in fields {
      if field.isEmpty {
        guard gap == nil else { return nil }
        gap = groups.count
      } else {
        guard field.utf8.count <= 4, let group = UInt16(field, radix: 16) else { return nil }
        groups.append(group)
      }
    }
    if let gap {
      guard groups.count < 8 else { return nil }
      groups.insert(contentsOf: repeatElement(0, count: 8 - groups.count), at: gap)
    }
    guard groups.count == 8 else { return nil }
    return groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
  }
}
