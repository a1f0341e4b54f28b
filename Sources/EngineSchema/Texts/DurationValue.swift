// SPDX-License-Identifier: Apache-2.0

/// A length of time as docker's flags take it: `1m30s`, `100ms`, `1.5h`.
package struct DurationValue: Hashable, Sendable {
  package var nanoseconds: Int64

  private static let units: [(name: String, nanoseconds: Int64)] = [
    ("ns", 1), ("us", 1_000), ("µs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
  ]

  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Reads a length of time that isn't negative; `nil` when the text isn't one.
  package init?(_ text: String) {
    guard !text.isEmpty else { return nil }
    if text == "0" {
      self.nanoseconds = 0
      return
    }
    var total: Double = 0
    var rest = text[...]
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest.dropFirst(digits.count)
      let name = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(name.count)
      guard let number = Double(digits), let unit = Self.units.first(where: { $0.name == name }) else { return nil }
      total += number * Double(unit.nanoseconds)
    }
    guard total < Double(Int64.max) else { return nil }
    self.nanoseconds = Int64(total.rounded())
  }

  /// The text as Go writes it: `1m30s`, `1.5s`, `100ms`, `0s`.
  package var text: String {
    if self.nanoseconds == 0 { return "0s" }
    let magnitude = self.nanoseconds.magnitude
    let sign = self.nanoseconds < 0 ? "-" : ""
    if magnitude < 1_000_000_000 {
      let (divisor, unit): (UInt64, String) =
        magnitude < 1_000 ? (1, "ns") : magnitude < 1_000_000 ? (1_000, "µs") : (1_000_000, "ms")
      return sign + Self.decimal(magnitude, divisor) + unit
    }
    let minutes = magnitude / 60_000_000_000
    let seconds = Self.decimal(magnitude % 60_000_000_000, 1_000_000_000) + "s"
    guard minutes > 0 else { return sign + seconds }
    return sign + (minutes >= 60 ? "\(minutes / 60)h\(minutes % 60)m" : "\(minutes)m") + seconds
  }

  private static func decimal(_ value: UInt64, _ divisor: UInt64) -> String {
    let fraction = value % divisor
    guard fraction != 0 else { return String(value / divisor) }
    var digits = String(fraction)
    digits = String(repeating: "0", count: String(divisor).count - 1 - digits.count) + digits
    while digits.last == "0" { digits.removeLast() }
    return "\(value / divisor).\(digits)"
  }
}
