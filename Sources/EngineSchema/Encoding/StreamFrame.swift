// SPDX-License-Identifier: Apache-2.0

/// A piece of a stream that carries several: one byte that says which, three zeros, the length as four bytes (big endian), and so many bytes.
///
/// Docker's form, with its numbers for input, output and errors.
package struct StreamFrame: Hashable, Sendable {
  /// What a frame carries.
  package enum Kind: UInt8, Hashable, Sendable {
    /// Standard input; empty at its end.
    case input = 0
    /// Standard output.
    case output = 1
    /// Standard error.
    case errors = 2
    /// Why the server ends the stream, a sentence.
    case failure = 3
    /// JSON about the stream itself.
    case control = 4
  }

  package var kind: Kind
  package var bytes: [UInt8]

  package init(_ kind: Kind, _ bytes: [UInt8]) {
    self.kind = kind
    self.bytes = bytes
  }

  /// The frame as it is sent.
  package var encoded: [UInt8] {
    let length = UInt32(clamping: self.bytes.count)
    return [self.kind.rawValue, 0, 0, 0] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) } + self.bytes
  }
}

/// Takes frames out of bytes that come in any pieces.
package struct StreamFrameReader: Sendable {
  /// The longest frame that is taken; nobody sends longer ones.
  package static let longest = 4 << 20

  private var rest: [UInt8] = []

  package init() {}

  /// The frames that are complete with these bytes.
  ///
  /// - Throws: when the bytes are no frames.
  package mutating func read(_ bytes: [UInt8]) throws(SchemaError) -> [StreamFrame] {
    self.rest += bytes
    var frames: [StreamFrame] = []
    var start = 0
    while self.rest.count - start >= 8 {
      let length = self.rest[start + 4..<start + 8].reduce(0) { $0 << 8 | Int($1) }
      guard let kind = StreamFrame.Kind(rawValue: self.rest[start]), length <= Self.longest else {
        throw SchemaError("the stream isn't made of frames as they are known here")
      }
      guard self.rest.count - start - 8 >= length else { break }
      frames.append(StreamFrame(kind, Array(self.rest[start + 8..<start + 8 + length])))
      start += 8 + length
    }
    self.rest.removeFirst(start)
    return frames
  }
}
