// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import Raft

/// Cuts the bytes of a connection into frames.
///
/// All frames that one read completes share one array.
package struct FrameReader {
  private var buffer = ByteBuffer()
  /// Longer frames are refused.
  ///
  /// Nothing is reserved for bytes that haven't come.
  package var maximumLength: Int

  package init(maximumLength: Int) { self.maximumLength = maximumLength }

  /// Takes in what was read.
  package mutating func append(_ read: ByteBuffer) {
    if self.buffer.readableBytes == 0 {
      self.buffer = read
    } else {
      self.buffer.writeImmutableBuffer(read)
    }
  }

  /// Takes the preamble away when the bytes begin with it.
  ///
  /// - Returns: Whether there are enough bytes to tell.
  package mutating func skipPreamble() -> Bool {
    let preamble = PeerFrame.preamble
    guard let start = self.buffer.getBytes(at: self.buffer.readerIndex, length: preamble.count) else { return false }
    if start == preamble { self.buffer.moveReaderIndex(forwardBy: preamble.count) }
    return true
  }

  /// The complete frames, without their length prefixes.
  ///
  /// - Throws: ``RaftError`` with code `corrupt` for a length out of bounds; complete frames before it are lost with it.
  package mutating func takeFrames() throws(RaftError) -> [ArraySlice<UInt8>] {
    var lengths: [Int] = []
    var extent = 0
    while let length = self.length(at: self.buffer.readerIndex + extent) {
      guard 4...self.maximumLength ~= length else { throw RaftError(.corrupt, "a frame claims \(length) bytes") }
      let end = extent + MessageCodec.lengthPrefix + length
      guard end <= self.buffer.readableBytes else { break }
      extent = end
      lengths.append(length)
    }
    guard extent > 0, let bytes = self.buffer.readBytes(length: extent) else { return [] }
    if self.buffer.readableBytes == 0 {
      // Whoever read into it can do so again, which takes no memory that must be cleared first.
      self.buffer = ByteBuffer()
    } else {
      self.buffer.discardReadBytes()
    }
    var frames: [ArraySlice<UInt8>] = []
    frames.reserveCapacity(lengths.count)
    var offset = 0
    for length in lengths {
      offset += MessageCodec.lengthPrefix
      frames.append(bytes[offset..<(offset + length)])
      offset += length
    }
    return frames
  }

  private func length(at index: Int) -> Int? {
    self.buffer.getInteger(at: index, endianness: .little, as: UInt32.self).map { Int($0) }
  }
}
