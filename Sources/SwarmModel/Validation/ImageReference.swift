// SPDX-License-Identifier: Apache-2.0

/// The grammar of image references: `[host[:port]/]path[:tag][@algorithm:digest]`.
enum ImageReference {
  /// Whether a text is an image reference.
  static func isValid(_ text: String) -> Bool {
    guard !text.isEmpty, text.utf8.count <= 1024, !Self.isImageID(text) else { return false }
    var name = Substring(text)
    if let at = name.firstIndex(of: "@") {
      guard Self.isDigest(name[name.index(after: at)...]) else { return false }
      name = name[..<at]
    }
    if let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") {
      guard Self.isTag(name[name.index(after: colon)...]) else { return false }
      name = name[..<colon]
    }
    guard name.utf8.count <= 255 else { return false }
    var components = name.split(separator: "/", omittingEmptySubsequences: false)
    if components.count > 1, let first = components.first,
      first.contains(".") || first.contains(":") || first == "localhost" || first.utf8.contains(where: \.isASCIIUppercase)
    {
      guard Self.isHost(first) else { return false }
      components.removeFirst()
    }
    return components.allSatisfy(Self.isPathComponent)
  }

  /// 64 hexadecimal digits are an image's id, which only the engine that has it understands.
  private static func isImageID(_ text: String) -> Bool {
    text.utf8.count == 64 && text.utf8.allSatisfy { $0.isASCIIDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) }
  }

  private static func isDigest(_ text: Substring) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let algorithm = parts.first, let hash = parts.last else { return false }
    return algorithm.utf8.first?.isASCIILetter == true
      && algorithm.utf8.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || "+._-".utf8.contains($0) }
      && hash.utf8.count >= 32
      && hash.utf8.allSatisfy { $0.isASCIIDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0 | 0x20) }
  }

  private static func isTag(_ text: Substring) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= 128 else { return false }
    return (first.isASCIILetter || first.isASCIIDigit || first == UInt8(ascii: "_"))
      && text.utf8.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || "_.-".utf8.contains($0) }
  }

  private static func isHost(_ text: Substring) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2, let host = parts.first else { return false }
    if parts.count == 2, let port = parts.last {
      guard !port.isEmpty, port.utf8.allSatisfy(\.isASCIIDigit) else { return false }
    }
    return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
      guard let first = label.utf8.first, let last = label.utf8.last else { return false }
      return first != UInt8(ascii: "-") && last != UInt8(ascii: "-")
        && label.utf8.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || $0 == UInt8(ascii: "-") }
    }
  }

  /// Lowercase letters and digits, separated by `.`, `_`, `__` or any number of `-`.
  private static func isPathComponent(_ text: Substring) -> Bool {
    var separator: [UInt8] = []
    var isStart = true
    for byte in text.utf8 {
      if byte.isASCIILowercase || byte.isASCIIDigit {
        guard separator.isEmpty || Self.isSeparator(separator) else { return false }
        separator = []
        isStart = false
      } else {
        guard !isStart, "._-".utf8.contains(byte) else { return false }
        separator.append(byte)
      }
    }
    return !isStart && separator.isEmpty
  }

  private static func isSeparator(_ bytes: [UInt8]) -> Bool {
    bytes == Array(".".utf8) || bytes == Array("_".utf8) || bytes == Array("__".utf8)
      || bytes.allSatisfy { $0 == UInt8(ascii: "-") }
  }
}

extension UInt8 {
  fileprivate var isASCIIUppercase: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
}
