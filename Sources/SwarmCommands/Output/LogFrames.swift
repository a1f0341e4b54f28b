// SPDX-License-Identifier: Apache-2.0

/// Takes the frames of a log apart: eight bytes that tell the stream and the length, then a line.
package struct LogFrames {
  /// One frame.
  package struct Frame: Hashable, Sendable {
    /// 1 is standard output, 2 standard error, 3 an error of the server.
    package var stream: UInt8
    package var bytes: [UInt8]
  }

  /// The longest line that is taken; docker's own are cut after 16 KiB.
  private static let limit = 16 << 20

  private var rest: [UInt8] = []

  package init() {}

  /// The frames that are complete with these bytes.
  ///
  /// - Throws: when the bytes are no frames.
  package mutating func read(_ bytes: [UInt8]) throws(CommandFailure) -> [Frame] {
    self.rest += bytes
    var frames: [Frame] = []
    var start = 0
    while self.rest.count - start >= 8 {
      let header = self.rest[start..<start + 8]
      let length = header.suffix(4).reduce(0) { $0 << 8 | Int($1) }
      guard let stream = header.first, stream <= 3, length <= Self.limit else {
        throw CommandFailure("the server sent a log that isn't understood")
      }
      guard self.rest.count - start - 8 >= length else { break }
      frames.append(Frame(stream: stream, bytes: Array(self.rest[start + 8..<start + 8 + length])))
      start += 8 + length
    }
    self.rest.removeFirst(start)
    return frames
  }
}
