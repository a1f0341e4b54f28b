// SPDX-License-Identifier: Apache-2.0

package import EngineSchema

/// The part of Go's templates that `--format` understands: text, `{{.Field.Sub}}`, `{{.}}`, `{{json .Field}}`, `upper` and `lower` in the place of
/// `json`, and `{{index .Field "key"}}`.
package struct Template: Hashable, Sendable {
  private enum Piece: Hashable, Sendable {
    case text(String)
    case field([String], Form)
  }

  /// What becomes of a field.
  private enum Form: String, Hashable, Sendable {
    case plain, json, upper, lower

    func text(of value: JSONValue) -> String {
      switch self {
      case .plain: value.templateText
      case .json: value.text
      case .upper: value.templateText.uppercased()
      case .lower: value.templateText.lowercased()
      }
    }
  }

  private let pieces: [Piece]

  /// Reads a template; `\t` and `\n` stand for tab and line end.
  package init(_ text: String) throws(CommandFailure) {
    var pieces: [Piece] = []
    var rest = Self.unescaped(text)[...]
    while let open = rest.firstRange(of: "{{") {
      if open.lowerBound > rest.startIndex { pieces.append(.text(String(rest[..<open.lowerBound]))) }
      guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
        throw CommandFailure("template parsing error: {{ without }} in \"\(text)\"")
      }
      pieces.append(try Self.action(rest[open.upperBound..<close.lowerBound]))
      rest = rest[close.upperBound...]
    }
    if !rest.isEmpty { pieces.append(.text(String(rest))) }
    self.pieces = pieces
  }

  /// The text with the fields of a value.
  ///
  /// - Throws: when a field doesn't exist, with the names of those that do.
  package func render(_ value: JSONValue) throws(CommandFailure) -> String {
    var text = ""
    for piece in self.pieces {
      switch piece {
      case .text(let literal): text += literal
      case .field(let path, let form): text += form.text(of: try Self.look(up: path, in: value))
      }
    }
    return text
  }

  /// The names of the fields, for the headings of a table; `nil` for other text.
  package var fieldNames: [String] {
    self.pieces.compactMap { piece in
      guard case .field(let path, _) = piece else { return nil }
      return path.joined(separator: ".")
    }
  }

  private static func action(_ action: Substring) throws(CommandFailure) -> Piece {
    var words = action.split(separator: " ").map(String.init)
    if words.count == 3, words[0] == "index", words[1].hasPrefix("."), let key = Self.quoted(words[2]) {
      return .field(words[1].split(separator: ".").map(String.init) + [key], .plain)
    }
    let form = words.first.flatMap(Form.init) ?? .plain
    if form != .plain { words.removeFirst() }
    guard words.count == 1, let word = words.first, word.hasPrefix(".") else {
      throw CommandFailure(
        "template parsing error: {{\(action)}} isn't understood",
        hint:
          "Templates can have {{.Field}}, {{.Field.Sub}}, {{json .}}, {{index .Field \"key\"}} and text; for more use --format json."
      )
    }
    return .field(word.split(separator: ".").map(String.init), form)
  }

  /// What stands between quotes.
  private static func quoted(_ word: String) -> String? {
    word.count >= 2 && word.hasPrefix("\"") && word.hasSuffix("\"") ? String(word.dropFirst().dropLast()) : nil
  }

  private static func look(up path: [String], in value: JSONValue) throws(CommandFailure) -> JSONValue {
    var current = value
    for (position, name) in path.enumerated() {
      guard case .object(let members) = current else {
        if case .null = current { return .null }
        throw CommandFailure("template error: .\(path.prefix(position).joined(separator: ".")) has no fields")
      }
      guard let member = members[name] else {
        // What the API leaves out is empty; a name that begins like no field at all is a mistake.
        guard position > 0 else {
          throw CommandFailure(
            "template error: there is no field .\(name)",
            hint: "Fields: \(members.keys.sorted().map { ".\($0)" }.joined(separator: " "))"
          )
        }
        return .null
      }
      current = member
    }
    return current
  }

  private static func unescaped(_ text: String) -> String {
    text.split(separator: "\\t", omittingEmptySubsequences: false).joined(separator: "\t")
      .split(separator: "\\n", omittingEmptySubsequences: false).joined(separator: "\n")
  }
}

extension JSONValue {
  /// The value as a template shows it: strings bare, lists and objects as Go prints them.
  fileprivate var templateText: String {
    switch self {
    case .null: ""
    case .string(let text): text
    case .array(let elements): "[\(elements.map(\.templateText).joined(separator: " "))]"
    case .object(let members):
      "map[\(members.pairs.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value.templateText)" }.joined(separator: " "))]"
    case .bool, .integer, .number: self.text
    }
  }
}
