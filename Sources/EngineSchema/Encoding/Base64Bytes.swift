// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials

/// Bytes that stand in JSON as base64 text.
package struct Base64Bytes: Codable, Hashable, Sendable {
  /// The bytes.
  package var bytes: [UInt8]

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Reads base64; `nil` for any other text.
  package init?(base64 text: String) {
    guard let data = Data(base64Encoded: text) else { return nil }
    self.bytes = Array(data)
  }

  /// The bytes as base64 for addresses and headers: with `-` and `_`.
  package var urlText: String {
    String(Data(self.bytes).base64EncodedString().map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
  }

  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let bytes = Self(base64: text) else {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "the text isn't base64"))
    }
    self = bytes
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(Data(self.bytes).base64EncodedString())
  }
}
