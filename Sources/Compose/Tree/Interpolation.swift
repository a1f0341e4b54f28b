// SPDX-License-Identifier: Apache-2.0

/// Replaces `$NAME`, `${NAME}` and their variants by variables, as compose files have them.
///
/// | written | is |
/// | --- | --- |
/// | `$NAME`, `${NAME}` | the variable; empty, with a note, when it isn't set |
/// | `${NAME:-text}`, `${NAME-text}` | the text when the variable isn't set (with `:` also when it is empty) |
/// | `${NAME:?text}`, `${NAME?text}` | an error with the text when the variable isn't set (or is empty) |
/// | `${NAME:+text}`, `${NAME+text}` | the text when the variable is set (and isn't empty), else nothing |
/// | `$$` | a dollar sign |
///
/// The texts may contain variables themselves.
struct Interpolation {
  private static let maximumDepth = 32
  private static let maximumLength = 1 << 20

  let environment: [String: String]
  /// Variables that were asked for without a default and aren't set, in order.
  private(set) var missing: [String] = []

  init(environment: [String: String]) { self.environment = environment }

  /// All texts of a tree, but for keys.
  mutating func interpolate(_ node: ComposeNode, path: String = "") throws(ComposeError) -> ComposeNode {
    var result = node
    switch node.content {
    case .scalar(let text, let isPlain):
      guard text.utf8.contains(UInt8(ascii: "$")) else { return node }
      do {
        result.content = .scalar(try self.interpolate(text), isPlain: isPlain)
      } catch {
        throw ComposeError("\(path): \(error.message)", at: node.position)
      }
    case .list(let elements):
      var list: [ComposeNode] = []
      for (index, element) in elements.enumerated() {
        list.append(try self.interpolate(element, path: "\(path)[\(index)]"))
      }
      result.content = .list(list)
    case .map(let map):
      var interpolated = ComposeMap()
      for var entry in map.entries {
        entry.value = try self.interpolate(entry.value, path: path.isEmpty ? entry.key : "\(path).\(entry.key)")
        interpolated.set(entry)
      }
      result.content = .map(interpolated)
    }
    return result
  }

  /// One text.
  mutating func interpolate(_ text: String) throws(ComposeError) -> String {
    var scanner = Scanner(rest: text[...])
    let result = try self.text(&scanner, whole: text, isNested: false, depth: 0)
    guard result.utf8.count <= Self.maximumLength else {
      throw ComposeError("the variables make the text longer than \(Self.maximumLength >> 20) MiB")
    }
    return result
  }

  private struct Scanner {
    var rest: Substring

    mutating func take(_ character: Character) -> Bool {
      guard self.rest.first == character else { return false }
      self.rest.removeFirst()
      return true
    }

    /// A variable's name, or nothing.
    mutating func name() -> String {
      guard let first = self.rest.first, first.isASCII, first.isLetter || first == "_" else { return "" }
      let name = self.rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
      self.rest = self.rest.dropFirst(name.count)
      return String(name)
    }
  }

  /// Reads to the end, or, nested, to the brace that closes.
  private mutating func text(
    _ scanner: inout Scanner,
    whole: String,
    isNested: Bool,
    depth: Int
  ) throws(ComposeError) -> String {
    guard depth <= Self.maximumDepth else { throw Self.invalid(whole) }
    var result = ""
    while let character = scanner.rest.first {
      if isNested, character == "}" { return result }
      scanner.rest.removeFirst()
      guard character == "$" else {
        result.append(character)
        continue
      }
      if scanner.take("$") {
        result.append("$")
      } else if scanner.take("{") {
        result += try self.braced(&scanner, whole: whole, depth: depth)
      } else {
        let name = scanner.name()
        guard !name.isEmpty else { throw Self.invalid(whole) }
        result += self.value(of: name)
      }
    }
    guard !isNested else { throw Self.invalid(whole) }
    return result
  }

  /// Reads what follows `${`.
  private mutating func braced(_ scanner: inout Scanner, whole: String, depth: Int) throws(ComposeError) -> String {
    let name = scanner.name()
    guard !name.isEmpty else { throw Self.invalid(whole) }
    if scanner.take("}") { return self.value(of: name) }
    let countsEmpty = scanner.take(":")
    guard let kind = scanner.rest.popFirst(), "-?+".contains(kind) else { throw Self.invalid(whole) }
    // Variables of a text that isn't used aren't missed.
    let before = self.missing
    let text = try self.text(&scanner, whole: whole, isNested: true, depth: depth + 1)
    guard scanner.take("}") else { throw Self.invalid(whole) }
    let value = self.environment[name]
    let isSet = value.map { !countsEmpty || !$0.isEmpty } ?? false
    if kind == "+" ? !isSet : isSet { self.missing = before }
    switch (kind, isSet) {
    case ("+", true), ("-", false): return text
    case ("+", false): return ""
    case ("?", false):
      throw ComposeError("required variable \(name) is missing a value\(text.isEmpty ? "" : ": \(text)")")
    default: return value ?? ""
    }
  }

  private mutating func value(of name: String) -> String {
    if let value = self.environment[name] { return value }
    if !self.missing.contains(name) { self.missing.append(name) }
    return ""
  }

  private static func invalid(_ text: String) -> ComposeError {
    ComposeError("invalid interpolation format \"\(text.prefix(128))\": a $ that means itself is written $$")
  }
}
