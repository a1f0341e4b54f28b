// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// A segment's file, filled with zeros ahead of what is written: overwriting allocated blocks needs no journal commit.
struct SegmentFile: ~Copyable, Sendable {
  private var file: OpenFile
  /// Bytes up to here are allocated and have been synced once.
  private(set) var allocated: Int

  /// How much is filled per step, so that no step takes long.
  static let step = 1 << 20
  private static let zeros = [UInt8](repeating: 0, count: Self.step)

  init(_ file: consuming OpenFile) throws(RaftError) {
    self.allocated = try file.size()
    self.file = file
  }

  /// Fills one step more, up to a size.
  mutating func allocate(upTo size: Int) throws(RaftError) {
    guard self.allocated < size else { return }
    let count = min(Self.step, size - self.allocated)
    try self.file.write(Self.zeros[..<count], at: self.allocated)
    try self.file.syncData()
    self.allocated += count
  }

  /// Tells messages that the file was renamed.
  mutating func moved(to path: String) { self.file.path = path }

  /// Writes, and waits until it is on the disk unless that doesn't matter.
  mutating func write(_ bytes: [UInt8], at offset: Int, sync: Bool) throws(RaftError) {
    try self.file.write(bytes, at: offset)
    if sync { try self.file.syncData() }
    self.allocated = max(self.allocated, offset + bytes.count)
  }
}
