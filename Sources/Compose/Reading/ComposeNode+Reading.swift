// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// Values as the keys of compose files want them; what isn't one is refused with its place and the path to it.
extension ComposeNode {
  func refused(_ path: String, _ expected: String) -> ComposeError {
    ComposeError("\(path) must be \(expected), not \(self.kind)", at: self.position)
  }

  /// Any single value as text; numbers and truth values as they are written.
  func text(_ path: String, _ expected: String = "a text") throws(ComposeError) -> String {
    guard case .scalar(let text, _) = self.content, !self.isNull else { throw self.refused(path, expected) }
    return text
  }

  func bool(_ path: String) throws(ComposeError) -> Bool {
    switch try self.text(path, "true or false").lowercased() {
    case "true", "yes", "y", "on", "1": return true
    case "false", "no", "n", "off", "0": return false
    default: throw self.refused(path, "true or false")
    }
  }

  func integer<Value: FixedWidthInteger>(_ path: String, as type: Value.Type = Value.self) throws(ComposeError) -> Value {
    let expected = Value.isSigned ? "a whole number" : "a whole number of 0 or more"
    let text = try self.text(path, expected)
    guard !text.hasPrefix("+"), let value = Value(text) else { throw self.refused(path, expected) }
    return value
  }

  func ratio(_ path: String) throws(ComposeError) -> Double {
    guard let value = RatioValue(try self.text(path, "a number from 0 to 1")) else {
      throw self.refused(path, "a number from 0 to 1")
    }
    return value.ratio
  }

  /// A length of time in nanoseconds.
  func duration(_ path: String) throws(ComposeError) -> Int64 {
    guard let value = DurationValue(try self.text(path, "a length of time like 1m30s")) else {
      throw self.refused(path, "a length of time like 1m30s")
    }
    return value.nanoseconds
  }

  func bytes(_ path: String) throws(ComposeError) -> Int64 {
    guard let value = MemoryValue(try self.text(path, "a size like 512M")) else { throw self.refused(path, "a size like 512M") }
    return value.bytes
  }

  /// Billionths of a processor.
  func nanoCPUs(_ path: String) throws(ComposeError) -> Int64 {
    guard let value = CPUValue(try self.text(path, "a number of processors like 0.5")) else {
      throw self.refused(path, "a number of processors like 0.5")
    }
    return value.nanoCPUs
  }

  /// Permissions: octal when they begin with a zero, as YAML has it.
  func fileMode(_ path: String) throws(ComposeError) -> UInt32 {
    let expected = "permissions like 0440"
    var digits = try self.text(path, expected)[...]
    let isOctal = digits.hasPrefix("0")
    if digits.hasPrefix("0o") { digits = digits.dropFirst(2) }
    guard !digits.hasPrefix("+"), let mode = UInt32(digits, radix: isOctal ? 8 : 10), mode <= 0o7777 else {
      throw self.refused(path, expected)
    }
    return mode
  }

  func list(_ path: String) throws(ComposeError) -> [ComposeNode] {
    guard case .list(let elements) = self.content else { throw self.refused(path, "a list") }
    return elements
  }

  func texts(_ path: String) throws(ComposeError) -> [String] {
    var texts: [String] = []
    for (index, element) in try self.list(path).enumerated() { texts.append(try element.text("\(path)[\(index)]")) }
    return texts
  }

  /// A list, or one text in its place.
  func textOrTexts(_ path: String) throws(ComposeError) -> [String] {
    if case .scalar = self.content { return [try self.text(path, "a text or a list")] }
    return try self.texts(path)
  }

  /// A command: a list, or a line that is split as a shell does.
  func command(_ path: String) throws(ComposeError) -> [String] {
    if case .scalar = self.content { return ShellWords.split(try self.text(path, "a command or a list")) }
    return try self.texts(path)
  }

  /// `key: value` or `- key=value`; a value that isn't given is `nil`.
  func pairs(_ path: String) throws(ComposeError) -> [(key: String, value: String?)] {
    var pairs: [(String, String?)] = []
    switch self.content {
    case .map(let map):
      for entry in map.entries {
        pairs.append((entry.key, entry.value.isNull ? nil : try entry.value.text("\(path).\(entry.key)")))
      }
    case .list(let elements):
      for (index, element) in elements.enumerated() {
        let parts = try element.text("\(path)[\(index)]").split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        pairs.append((String(parts[0]), parts.count > 1 ? String(parts[1]) : nil))
      }
    case .scalar:
      guard self.isNull else { throw self.refused(path, "a map or a list") }
    }
    return pairs
  }

  /// Labels and options: what has no value has an empty one.
  func labels(_ path: String) throws(ComposeError) -> [String: String] {
    var labels: [String: String] = [:]
    for (key, value) in try self.pairs(path) { labels[key] = value ?? "" }
    return labels
  }
}
