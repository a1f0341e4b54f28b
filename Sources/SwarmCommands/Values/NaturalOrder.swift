// SPDX-License-Identifier: Apache-2.0

/// The order in which people count: `web.2` before `web.10`.
package enum NaturalOrder {
  package static func areInOrder(_ a: String, _ b: String) -> Bool {
    var left = Array(a.utf8)[...]
    var right = Array(b.utf8)[...]
    while let x = left.first, let y = right.first {
      if self.isDigit(x), self.isDigit(y) {
        let m = self.takeNumber(&left)
        let n = self.takeNumber(&right)
        if m.count != n.count { return m.count < n.count }
        if m != n { return m.lexicographicallyPrecedes(n) }
      } else if x != y {
        return x < y
      } else {
        left.removeFirst()
        right.removeFirst()
      }
    }
    return left.isEmpty && !right.isEmpty
  }

  /// The digits in front, without leading zeros.
  private static func takeNumber(_ text: inout ArraySlice<UInt8>) -> [UInt8] {
    let digits = text.prefix(while: self.isDigit)
    text = text.dropFirst(digits.count)
    return Array(digits.drop { $0 == UInt8(ascii: "0") })
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
