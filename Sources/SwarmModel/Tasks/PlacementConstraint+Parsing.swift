// SPDX-License-Identifier: Apache-2.0

extension PlacementConstraint {
  /// Reads a constraint such as `node.labels.zone == east`.
  ///
  /// - Throws: `invalidArgument` when there is no operator, or key or value hold characters that they can't.
  public init(parsing text: String) throws(SwarmError) {
    guard let (key, comparison, value) = Self.split(text) else {
      throw SwarmError(code: .invalidArgument, message: "constraint expected one operator from ==, !=")
    }
    guard Self.isKey(key) else {
      throw SwarmError(code: .invalidArgument, message: "key '\(key)' is invalid")
    }
    guard Self.isValue(value) else {
      throw SwarmError(code: .invalidArgument, message: "value '\(value)' is invalid")
    }
    self.init(key: key, comparison: comparison, value: value)
  }

  /// Splits at the first `==`, or else at the first `!=`: `==` wins wherever it stands, as in SwarmKit.
  private static func split(_ text: String) -> (key: String, comparison: Comparison, value: String)? {
    let bytes = Array(text.utf8)
    for (first, comparison) in [(UInt8(ascii: "="), Comparison.equal), (UInt8(ascii: "!"), .notEqual)] {
      let starts = bytes.indices.dropLast()
      guard let start = starts.first(where: { bytes[$0] == first && bytes[$0 + 1] == UInt8(ascii: "=") }) else {
        continue
      }
      return (
        String(decoding: bytes[..<start].trimmingSpaces, as: UTF8.self),
        comparison,
        String(decoding: bytes[(start + 2)...].trimmingSpaces, as: UTF8.self)
      )
    }
    return nil
  }

  private static func isKey(_ key: String) -> Bool {
    guard let first = key.utf8.first, first.isASCIILetter || first == UInt8(ascii: "_") else { return false }
    return key.utf8.count > 1
      && key.utf8.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || "-_.".utf8.contains($0) }
  }

  private static func isValue(_ value: String) -> Bool {
    !value.isEmpty
      && value.utf8.allSatisfy {
        $0.isASCIILetter || $0.isASCIIDigit || $0.isASCIISpace || ":-_.*()?+[]\\^$|/".utf8.contains($0)
      }
  }
}

extension UInt8 {
  var isASCIILowercase: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
  var isASCIILetter: Bool { (self | 0x20).isASCIILowercase }
  var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
  var isASCIISpace: Bool { self == UInt8(ascii: " ") || (9...13).contains(self) }
}

extension ArraySlice<UInt8> {
  fileprivate var trimmingSpaces: ArraySlice<UInt8> {
    var trimmed = self.drop(while: \.isASCIISpace)
    while trimmed.last?.isASCIISpace == true {
      trimmed.removeLast()
    }
    return trimmed
  }
}
