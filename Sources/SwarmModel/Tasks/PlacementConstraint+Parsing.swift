// SPDX-License-Identifier: Apache-2.0

extension PlacementConstraint {
  /// Reads a constraint such as `node.labels.zone == east` or `node.labels.zone in (east, west)`.
  ///
  /// - Throws: `invalidArgument` when there is no operator, or key or value hold characters that they can't.
  public init(parsing text: String) throws(SwarmError) {
    guard let (key, comparison, values) = Self.splitAtSign(text) ?? Self.splitAtWord(text) else {
      throw SwarmError(code: .invalidArgument, message: "constraint expected one operator from ==, !=")
    }
    guard Self.isKey(key) else {
      throw SwarmError(code: .invalidArgument, message: "key '\(key)' is invalid")
    }
    for value in values where !Self.isValue(value) {
      throw SwarmError(code: .invalidArgument, message: "value '\(value)' is invalid")
    }
    self.init(key: key, comparison: comparison, values: values)
  }

  private typealias Parts = (key: String, comparison: Comparison, values: [String])

  /// Splits at the first `==`, or else at the first `!=`: `==` wins wherever it stands, as in SwarmKit.
  private static func splitAtSign(_ text: String) -> Parts? {
    let bytes = Array(text.utf8)
    for (first, comparison) in [(UInt8(ascii: "="), Comparison.equal), (UInt8(ascii: "!"), .notEqual)] {
      let starts = bytes.indices.dropLast()
      guard let start = starts.first(where: { bytes[$0] == first && bytes[$0 + 1] == UInt8(ascii: "=") }) else {
        continue
      }
      return (bytes[..<start].trimmedText, comparison, [bytes[(start + 2)...].trimmedText])
    }
    return nil
  }

  /// Splits `key exists`, `key in (a, b)` and `key notin (a, b)`; the words are read without case.
  private static func splitAtWord(_ text: String) -> Parts? {
    let bytes = ArraySlice(Array(text.utf8)).trimmingSpaces
    guard let end = bytes.firstIndex(where: \.isASCIISpace) else { return nil }
    let key = String(decoding: bytes[..<end], as: UTF8.self)
    let rest = bytes[end...].trimmingSpaces
    let word = String(decoding: rest.prefix(while: \.isASCIILetter), as: UTF8.self).lowercased()
    let list = rest.dropFirst(word.utf8.count).trimmingSpaces
    switch word {
    case "exists": return list.isEmpty ? (key, .exists, []) : nil
    case "in", "notin":
      guard list.first == UInt8(ascii: "("), list.last == UInt8(ascii: ")"), list.count >= 2 else { return nil }
      let items = list.dropFirst().dropLast().split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      return (key, word == "in" ? .oneOf : .noneOf, items.map(\.trimmedText))
    default: return nil
    }
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

  fileprivate var trimmedText: String { String(decoding: self.trimmingSpaces, as: UTF8.self) }
}
