// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// A secret or a config for people: `secret inspect --pretty`.
struct ObjectSheet: Sendable {
  private let value: JSONValue

  init(_ value: JSONValue) { self.value = value }

  /// The lines, each ended.
  var text: String {
    var lines = [("ID:", self.value["ID"]), ("Name:", self.value["Spec"]?["Name"])].map { name, value in
      Sheet.line(name, Self.text(value))
    }
    lines.append("Labels:")
    if case .object(let labels)? = self.value["Spec"]?["Labels"] {
      for (key, value) in labels.pairs.sorted(by: { $0.key < $1.key }) {
        lines.append(" - \(key)\(Self.text(value).isEmpty ? "" : "=\(Self.text(value))")")
      }
    }
    if let driver = self.value["Spec"]?["Driver"]?["Name"] { lines.append(Sheet.line("Driver:", Self.text(driver))) }
    lines.append(Sheet.line("Created at:", Self.text(self.value["CreatedAt"])))
    lines.append(Sheet.line("Updated at:", Self.text(self.value["UpdatedAt"])))
    // Only configs show what is in them.
    if case .string(let data)? = self.value["Spec"]?["Data"], let bytes = Base64Bytes(base64: data) {
      lines += ["Data:", String(decoding: bytes.bytes, as: UTF8.self)]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func text(_ value: JSONValue?) -> String {
    switch value {
    case nil, .null?: ""
    case .string(let text)?: text
    case let other?: other.text
    }
  }
}
