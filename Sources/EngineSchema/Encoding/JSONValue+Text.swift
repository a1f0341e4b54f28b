// SPDX-License-Identifier: Apache-2.0

extension JSONValue {
  /// The JSON text on one line.
  package var text: String {
    var text = ""
    self.write(to: &text, indentation: nil, depth: 0)
    return text
  }

  /// The JSON text on many lines, as `docker … inspect` prints it: four spaces per level.
  package var prettyText: String {
    var text = ""
    self.write(to: &text, indentation: "    ", depth: 0)
    return text
  }

  private func write(to text: inout String, indentation: String?, depth: Int) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): text += value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    case .string(let value): Self.write(value, to: &text)
    case .array(let elements):
      Self.writeList(elements, "[", "]", to: &text, indentation: indentation, depth: depth) { element, text in
        element.write(to: &text, indentation: indentation, depth: depth + 1)
      }
    case .object(let members):
      Self.writeList(members.pairs, "{", "}", to: &text, indentation: indentation, depth: depth) { member, text in
        Self.write(member.key, to: &text)
        text += indentation == nil ? ":" : ": "
        member.value.write(to: &text, indentation: indentation, depth: depth + 1)
      }
    }
  }

  private static func writeList<Element>(
    _ elements: [Element],
    _ open: String,
    _ close: String,
    to text: inout String,
    indentation: String?,
    depth: Int,
    writeElement: (Element, inout String) -> Void
  ) {
    text += open
    for (position, element) in elements.enumerated() {
      if position > 0 { text += "," }
      if let indentation { text += "\n" + String(repeating: indentation, count: depth + 1) }
      writeElement(element, &text)
    }
    if let indentation, !elements.isEmpty { text += "\n" + String(repeating: indentation, count: depth) }
    text += close
  }

  private static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
