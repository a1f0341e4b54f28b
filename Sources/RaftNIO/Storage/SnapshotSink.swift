// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// Where a ``SnapshotSource`` writes its bytes to: a file that becomes valid when all of them are on the disk.
public struct SnapshotSink: ~Copyable {
  private var file: SnapshotFileWriter
  private var encoder = SnapshotEncoder()
  private var buffer: [UInt8] = []

  private static let chunkLength = 256 << 10

  init(_ file: consuming SnapshotFileWriter, header: [UInt8]) throws(RaftError) {
    self.file = file
    try self.file.append(header[...])
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
    try self.file.append(self.encoder.chunk(self.buffer[...])[...])
    self.buffer.removeAll(keepingCapacity: true)
  }

  /// Makes the file complete and durable.
  ///
  /// - Returns: its length and checksum.
  mutating func finish() throws(RaftError) -> (length: Int, checksum: UInt32) {
    try self.flush()
    try self.file.append(self.encoder.endMark()[...])
    try self.file.finish()
    return (self.file.length, self.file.checksum)
  }
}
