// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// Where a ``SnapshotSource`` writes its bytes to: a file that becomes valid when all of them are on the disk.
public struct SnapshotSink: ~Copyable {
  private let file: OpenFile
  private var encoder = SnapshotEncoder()
  private var buffer: [UInt8] = []
  private var offset = 0

  private static let chunkLength = 256 << 10

  init(_ file: consuming OpenFile, header: [UInt8]) throws(RaftError) {
    self.file = file
    try self.file.truncate()
    try self.file.write(header, at: 0)
    self.offset = header.count
    self.buffer.reserveCapacity(Self.chunkLength)
  }

  /// Adds bytes.
  ///
  /// They are buffered; pieces of any size will do.
  ///
  /// - Throws: `RaftError` with code `storageFailed`.
  public mutating func write(_ bytes: [UInt8]) throws {
    try self.write(bytes[...])
  }

  /// Adds bytes.
  ///
  /// They are buffered; pieces of any size will do.
  ///
  /// - Throws: `RaftError` with code `storageFailed`.
  public mutating func write(_ bytes: ArraySlice<UInt8>) throws {
    var rest = bytes
    while !rest.isEmpty {
      let piece = rest.prefix(Self.chunkLength - self.buffer.count)
      self.buffer.append(contentsOf: piece)
      rest = rest.dropFirst(piece.count)
      if self.buffer.count == Self.chunkLength { try self.flush() }
    }
  }

  private mutating func flush() throws(RaftError) {
    let chunk = self.encoder.chunk(self.buffer[...])
    try self.file.write(chunk, at: self.offset)
    self.offset += chunk.count
    self.buffer.removeAll(keepingCapacity: true)
  }

  mutating func finish() throws(RaftError) {
    try self.flush()
    try self.file.write(self.encoder.endMark(), at: self.offset)
    try self.file.sync()
  }
}
