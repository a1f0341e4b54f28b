// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials

/// Bytes that stand in JSON as base64 text.
package struct Base64Bytes: Codable, Hashable, Sendable {
  /// The bytes.
  package var bytes: [UInt8]

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let data = Data(base64Encoded: text) else {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "the text isn't base64"))
    }
    self.bytes = Array(data)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(Data(self.bytes).base64EncodedString())
  }
}
