// SPDX-License-Identifier: Apache-2.0
package import SwarmModel

extension LogEntry {
  private enum Field {
    static let leaderTerm = 1
    static let time = 2
    static let client = 3
    /// From here on a field's number is the kind of a change.
    static let firstChange = 16
  }

  /// The entry as the log holds it: one byte with the format's version, then fields; equal entries give equal bytes.
  package func encode() -> [UInt8] {
    var writer = WireWriter()
    writer.append(CollectionOfOne(self.formatVersion))
    var head = (self.leaderTerm, self.time, self.client)
    writer.visit(Field.leaderTerm, &head.0)
    writer.visit(Field.time, &head.1)
    writer.visit(Field.client, &head.2)
    for change in self.changes {
      change.write(to: &writer)
    }
    return writer.bytes
  }

  /// Reads an entry.
  ///
  /// - Throws: `unsupportedFormat` for a newer format or an unknown kind of change, which must stop the node; `dataLoss` for bytes that
  ///   aren't an entry.
  package init(decoding bytes: ArraySlice<UInt8>) throws(SwarmError) {
    guard let version = bytes.first else {
      throw SwarmError(code: .dataLoss, message: "an entry of the log is empty")
    }
    guard version == Self.currentFormat else {
      throw SwarmError(
        code: .unsupportedFormat,
        message: "the log holds an entry of format \(version); this version reads format \(Self.currentFormat)"
      )
    }
    self.init(formatVersion: version, leaderTerm: 0, time: .zero, changes: [])
    var reader = WireReader(bytes.dropFirst())
    while let field = try reader.next() {
      guard field.number < Field.firstChange else {
        self.changes.append(try Change(field))
        continue
      }
      let isRead =
        switch field.number {
        case Field.leaderTerm: try self.leaderTerm.read(field.value)
        case Field.time: try self.time.read(field.value)
        case Field.client: try self.client.read(field.value)
        default: false
        }
      guard isRead else {
        throw SwarmError(
          code: .unsupportedFormat,
          message: "an entry of the log has a field \(field.number), which this version does not know"
        )
      }
    }
  }

  /// Reads an entry.
  ///
  /// - Throws: As ``init(decoding:)`` for a slice.
  package init(decoding bytes: [UInt8]) throws(SwarmError) {
    try self.init(decoding: bytes[...])
  }
}
