// SPDX-License-Identifier: Apache-2.0

internal import SwarmAgent

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The log files of a task, read one after the other while the shim goes on writing and rotating: `log` is the current one, `log.1` the one before
/// it, and so on.
///
/// Files are held open once they are known, so that a reader gets what is in them even when they are deleted meanwhile.
struct LogFiles: Sendable {
  private let directory: TaskDirectory
  private var current: Descriptor?
  /// Those after the current one that are known, the oldest first.
  private var upcoming: [Descriptor] = []
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
    if self.upcoming.isEmpty { self.upcoming = try self.newer(than: current) }
    guard let next = self.upcoming.first else { return .end }
    // What was written between the read and the rotation is still in the file that was the current one.
    let rest = try current.read(at: self.offset, count: 64 * 1024)
    if !rest.isEmpty {
      self.offset += Int64(rest.count)
      return .bytes(rest)
    }
    self.upcoming.removeFirst()
    (self.current, self.offset) = (next, 0)
    return .nextFile
  }

  private mutating func begin() throws(RuntimeError) {
    let files = try self.newer(than: nil)
    guard let oldest = files.first else { return }
    self.hasBegun = true
    self.current = oldest
    self.upcoming = Array(files.dropFirst())
  }

  /// The files that are newer than one, or all, the oldest first.
  private func newer(than known: Descriptor?) throws(RuntimeError) -> [Descriptor] {
    guard let directory = try PrivateDirectory.open(self.directory.path) else { return [] }
    let knownNumber = try known?.fileNumber()
    var files: [Descriptor] = []
    var numbers: Set<UInt64> = []
    // From the newest to the oldest, as files move: one that moves meanwhile is seen twice, and none is missed.
    for position in 0..<LogRetention.possibleFiles.upperBound {
      guard let file = try directory.open(position == 0 ? "log" : "log.\(position)", flags: O_RDONLY) else {
        // In the middle of a rotation the first one has its new name and no successor yet.
        if position == 0 { continue }
        break
      }
      let number = try file.fileNumber()
      if number == knownNumber { break }
      if numbers.insert(number).inserted { files.append(file) }
    }
    return files.reversed()
  }
}
