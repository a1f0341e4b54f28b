// SPDX-License-Identifier: Apache-2.0

internal import SwarmAgent

/// Reads a task's log for one reader.
final class LogCursor {
  private let process: TaskProcess
  private let options: LogOptions
  private var files: LogFiles
  private var decoder = LogDecoder()
  /// Records that were read ahead to find the last ones.
  private var tail: [LogRecord] = []
  private var isBeyondTail: Bool
  private var watch: DirectoryWatch?
  /// Whether the task was seen ended, and its log is read to the end one last time.
  private var isLastLook = false

  /// Begins at the start of the log, or where the options say.
  init(process: TaskProcess, options: LogOptions) {
    self.process = process
    self.options = options
    self.files = LogFiles(process.directory)
    self.isBeyondTail = options.tail == nil
  }

  /// The next record that the options ask for.
  func next() async throws -> LogRecord? {
    if !self.isBeyondTail { try await self.readTail() }
    if let record = self.tail.popLast() { return record }
    while true {
      if let record = try await self.readRecord() { return record }
      guard self.options.follow, try await self.more() else { return nil }
    }
  }

  /// Keeps the last records of what is there; reversed, so that taking the next is cheap.
  private func readTail() async throws {
    let count = max(self.options.tail ?? 0, 0)
    var ring: [LogRecord] = []
    var oldest = 0
    while let record = try await self.readRecord() {
      guard count > 0 else { continue }
      if ring.count < count {
        ring.append(record)
      } else {
        ring[oldest] = record
        oldest = (oldest + 1) % count
      }
    }
    self.tail = Array((ring[oldest...] + ring[..<oldest]).reversed())
    self.isBeyondTail = true
  }

  /// The next record of the files that passes; `nil` at the end of what is there.
  private func readRecord() async throws -> LogRecord? {
    while true {
      switch self.decoder.next() {
      case .record(let record):
        if self.options.includes(record) { return record }
        continue
      case .damaged:
        throw RuntimeError(code: .internalError, message: "the log of task \(self.process.directory.name) is damaged")
      case .incomplete:
        break
      }
      let piece: LogFiles.Piece
      (piece, self.files) = try await self.process.node.files.run { [files = self.files] in
        var files = files
        return (try files.read(), files)
      }
      switch piece {
      case .bytes(let bytes): self.decoder.append(bytes)
      case .nextFile: self.decoder = LogDecoder()
      case .end: return nil
      }
    }
  }

  /// Waits until there may be more; false when the task has ended and all was read.
  private func more() async throws -> Bool {
    guard let watch = self.watch else {
      // From now on no change is missed; what came before it is read first.
      self.watch = DirectoryWatch(self.process.directory.path, supervisor: self.process.node.supervisor)
      return true
    }
    switch try await self.process.node.files.run({ [directory = self.process.directory] in try directory.observe() }) {
    case .absent, .ended, .lost:
      // It may have ended after the last look at its log, so one more look is due, and then nothing follows.
      if self.isLastLook { return false }
      self.isLastLook = true
    case .created, .starting:
      try await watch.changed()
    case .running(let record):
      guard let shim = self.process.open(record.shim) else { break }
      try await watch.changed(or: shim)
    }
    return true
  }
}
