// SPDX-License-Identifier: Apache-2.0

/// A moment in time with nanoseconds, written as Docker writes it: RFC 3339 in UTC, as many fractional digits as needed.
package struct EngineTime: Hashable, Comparable, Sendable {
  /// Whole seconds since 1970-01-01T00:00:00Z; negative before.
  package var seconds: Int64
  /// 0 ..< 1,000,000,000, counted forward from ``seconds``.
  package var nanoseconds: Int32

  package init(seconds: Int64, nanoseconds: Int32) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  /// A moment given as nanoseconds since 1970.
  package init(nanosecondsSince1970 total: Int64) {
    let (quotient, remainder) = total.quotientAndRemainder(dividingBy: 1_000_000_000)
    self.seconds = remainder < 0 ? quotient - 1 : quotient
    self.nanoseconds = Int32(remainder < 0 ? remainder + 1_000_000_000 : remainder)
  }

  /// The moment that Docker shows where there is none: the first of January of the year 1.
  package static let zero = Self(seconds: -62_135_596_800, nanoseconds: 0)

  /// Nanoseconds since 1970, held at the ends of what 64 bits can hold (the years 1677 and 2262).
  package var nanosecondsSince1970: Int64 {
    let (product, overflowed) = self.seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflowed { return self.seconds < 0 ? .min : .max }
    let (sum, overflowedSum) = product.addingReportingOverflow(Int64(self.nanoseconds))
    return overflowedSum ? .max : sum
  }

  package static func < (a: Self, b: Self) -> Bool { (a.seconds, a.nanoseconds) < (b.seconds, b.nanoseconds) }
}

extension EngineTime: Codable {
  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let time = Self(text) else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "\"\(text.prefix(64))\" isn't a time like 2006-01-02T15:04:05.999999999Z"
        )
      )
    }
    self = time
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(self.description)
  }
}
