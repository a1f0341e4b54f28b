// SPDX-License-Identifier: Apache-2.0

/// Processor time as docker's flags take it: `0.5` is half a processor.
package struct CPUValue: Hashable, Sendable {
  package var nanoCPUs: Int64

  package init?(_ text: String) {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let fraction = parts.count > 1 ? String(parts[1]) : ""
    guard !text.isEmpty, text != ".", fraction.utf8.count <= 9,
      (parts[0] + fraction).utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let whole = parts[0].isEmpty ? 0 : Int64(parts[0]), whole <= 1_000_000,
      let billionths = Int64(fraction + String(repeating: "0", count: 9 - fraction.utf8.count))
    else { return nil }
    self.nanoCPUs = whole * 1_000_000_000 + billionths
  }
}

/// Memory as docker's flags take it: `64m`, `1.5g`, `1024`; the units are powers of 1024.
package struct MemoryValue: Hashable, Sendable {
  package var bytes: Int64

  package init?(_ text: String) {
    let lowercase = text.lowercased()
    let number = lowercase.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    var unit = lowercase.dropFirst(number.count).drop { $0 == " " }
    if unit.hasSuffix("ib") { unit = unit.dropLast(2) } else if unit.hasSuffix("b") { unit = unit.dropLast() }
    let exponents = ["": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5]
    guard let value = Double(number), let exponent = exponents[String(unit)] else { return nil }
    let bytes = value * Double(Int64(1) << Int64(10 * exponent))
    guard bytes < Double(Int64.max) else { return nil }
    self.bytes = Int64(bytes)
  }
}

/// A whole number that isn't negative; anything else is refused with a sentence.
package struct CountValue: Hashable, Sendable {
  package var count: UInt64

  package init?(_ text: String) {
    guard let count = UInt64(text) else { return nil }
    self.count = count
  }
}

/// The share of tasks that may fail, 0 … 1.
package struct RatioValue: Hashable, Sendable {
  package var ratio: Double

  package init?(_ text: String) {
    guard let ratio = Double(text), (0...1).contains(ratio) else { return nil }
    self.ratio = ratio
  }
}
