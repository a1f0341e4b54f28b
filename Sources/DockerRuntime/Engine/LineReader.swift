// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// Cuts a stream of bytes into lines of JSON.
struct LineReader {
  /// No line of an engine is longer; what is, is dropped.
  private static let maximumLength = 1 << 20

  private var rest: [UInt8] = []
  private var isTooLong = false

  /// Takes the next bytes.
  ///
  /// - Returns: the values of the lines that they complete; lines that aren't JSON are left out.
  mutating func read(_ bytes: some Sequence<UInt8>) -> [JSONValue] {
    var values: [JSONValue] = []
    for byte in bytes {
      if byte == UInt8(ascii: "\n") {
        if !self.isTooLong, let value = try? EngineJSON.decode(JSONValue.self, from: self.rest) { values.append(value) }
        self.rest.removeAll(keepingCapacity: true)
        self.isTooLong = false
      } else if self.rest.count < Self.maximumLength {
        self.rest.append(byte)
      } else {
        self.isTooLong = true
      }
    }
    return values
  }
}
