// SPDX-License-Identifier: Apache-2.0

internal import SwarmAgent

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The log files of a task, read one after the other while the shim goes on writing and rotating: `log.1` is the older one, `log` the current one.
struct LogFiles: Sendable {
  private let directory: TaskDirectory
  private var current: Descriptor?
  private var upcoming: Descriptor?
  private var offset: Int64 = 0
  private var hasBegun = false

  /// The logs of a directory, from the beginning.
  init(_ directory: TaskDirectory) {
    self.directory = directory
  }

  /// What a read gave.
  enum Piece: Sendable {
    /// More of the current file.
    case bytes([UInt8])
    /// The current file is over and another one begins.
    case nextFile
    /// There is nothing more at the moment.
    case end
  }

  /// Reads on; blocks.
  mutating func read() throws(RuntimeError) -> Piece {
    if !self.hasBegun { try self.begin() }
    guard let current = self.current else { return .end }
    let bytes = try current.read(at: self.offset, count: 64 * 1024)
    if !bytes.isEmpty {
      self.offset += Int64(bytes.count)
      return .bytes(bytes)
    }
    guard let next = try self.successor(of: current) else { return .end }
    // What was written between the read and the rotation is still in the file that was the current one.
    let rest = try current.read(at: self.offset, count: 64 * 1024)
    if !rest.isEmpty {
      self.offset += Int64(rest.count)
      return .bytes(rest)
    }
    (self.current, self.upcoming, self.offset) = (next, nil, 0)
    return .nextFile
  }

  private mutating func begin() throws(RuntimeError) {
    guard let directory = try PrivateDirectory.open(self.directory.path) else { return }
    // In this order: a rotation between the two makes both the same file, and not the older one missing.
    guard let newer = try directory.open("log", flags: O_RDONLY) else { return }
    let older = try directory.open("log.1", flags: O_RDONLY)
    self.hasBegun = true
    if let older, try older.fileNumber() != newer.fileNumber() {
      (self.current, self.upcoming) = (older, newer)
    } else {
      self.current = newer
    }
  }

  private func successor(of current: Descriptor) throws(RuntimeError) -> Descriptor? {
    if let upcoming = self.upcoming { return upcoming }
    guard
      let directory = try PrivateDirectory.open(self.directory.path),
      let newest = try directory.open("log", flags: O_RDONLY),
      try newest.fileNumber() != current.fileNumber()
    else { return nil }
    // Rotated more than once since: the file in between comes first.
    if let older = try directory.open("log.1", flags: O_RDONLY), try older.fileNumber() != current.fileNumber() { return older }
    return newest
  }
}
