// SPDX-License-Identifier: Apache-2.0

/// Writes a tree as YAML that reads back as the same tree.
struct TreeWriter {
  /// Whether a dollar sign is doubled: not where variables stand.
  let doublesDollars: Bool

  func write(_ tree: ComposeNode) -> String {
    var text = ""
    guard let map = tree.map, !map.entries.isEmpty else { return "{}\n" }
    self.write(map, depth: 0, to: &text)
    return text
  }

  private func write(_ map: ComposeMap, depth: Int, to text: inout String) {
    for entry in map.entries {
      text += String(repeating: "  ", count: depth) + self.quoted(entry.key, isPlain: false, isKey: true) + ":"
      self.write(entry.value, depth: depth + 1, to: &text)
    }
  }

  /// What follows a key's colon.
  private func write(_ node: ComposeNode, depth: Int, to text: inout String) {
    switch node.content {
    case .scalar(let scalar, let isPlain):
      let written = node.isNull ? "" : self.quoted(scalar, isPlain: isPlain, isKey: false)
      text += written.isEmpty ? "\n" : " \(written)\n"
    case .list(let elements) where elements.isEmpty: text += " []\n"
    case .map(let map) where map.entries.isEmpty: text += " {}\n"
    case .list(let elements):
      text += "\n"
      for element in elements { self.writeElement(element, depth: depth, to: &text) }
    case .map(let map):
      text += "\n"
      self.write(map, depth: depth, to: &text)
    }
  }

  private func writeElement(_ element: ComposeNode, depth: Int, to text: inout String) {
    text += String(repeating: "  ", count: depth) + "-"
    guard case .map(let map) = element.content, !map.entries.isEmpty else {
      if element.isNull { text += " null\n" } else { self.write(element, depth: depth + 1, to: &text) }
      return
    }
    // The first member stands beside the dash, the others below it.
    var members = ""
    self.write(map, depth: depth + 1, to: &members)
    text += " " + members.drop { $0 == " " }
  }

  /// A text as it is where that can't be misread, else in quotes.
  private func quoted(_ text: String, isPlain: Bool, isKey: Bool) -> String {
    let isWord = text.utf8.allSatisfy(Self.isHarmless) && Self.beginsLikeAWord(text)
    if isWord, isKey || isPlain || !Self.meansSomethingElse(text) { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\t": quoted += "\\t"
      case "\r": quoted += "\\r"
      case "$": quoted += isKey || !self.doublesDollars ? "$" : "$$"
      case _
      where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029
        || scalar.value == 0xFEFF || (0xFFFE...0xFFFF).contains(scalar.value):
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  private static func isHarmless(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: "_-./=+@".utf8.contains(byte)
    }
  }

  private static func beginsLikeAWord(_ text: String) -> Bool {
    guard let first = text.first, first != "=", first != "@" else { return false }
    return first != "-" || text.dropFirst().first?.isLetter ?? false
  }

  /// Whether a bare text would be a number, a truth value or nothing to other readers.
  private static func meansSomethingElse(_ text: String) -> Bool {
    if Double(text) != nil || text.hasPrefix("0x") || text.hasPrefix("0o") { return true }
    return ["true", "false", "yes", "no", "on", "off", "y", "n", "null", "~", "", ".inf", ".nan"].contains(text.lowercased())
  }
}
