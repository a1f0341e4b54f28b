// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmAgent
internal import SwarmModel

/// Takes an engine's log stream apart.
///
/// Without a terminal the stream is frames: a byte for the stream, three zeros, the length as four bytes (big endian) and that many bytes.
/// With one it is lines. Either begins with a time and a space, because that is asked for.
struct LogFrames {
  /// No engine sends longer frames; one that claims to be longer is no frame.
  private static let maximumLength = 8 << 20

  /// What a terminal writes without a line end is handed on in pieces of about this many bytes.
  private static let longestLine = 64 << 10

  private let hasTerminal: Bool
  private var rest: [UInt8] = []
  private var start = 0
  private var last = Timestamp.zero

  init(hasTerminal: Bool) { self.hasTerminal = hasTerminal }

  /// Takes the next bytes.
  ///
  /// - Throws: ``RuntimeError/Code/internalError`` when they are no log stream.
  mutating func read(_ bytes: some Sequence<UInt8>) throws(RuntimeError) -> [LogRecord] {
    self.rest.append(contentsOf: bytes)
    var records: [LogRecord] = []
    while let record = try self.hasTerminal ? self.line() : self.frame() { records.append(record) }
    self.rest.removeFirst(self.start)
    self.start = 0
    return records
  }

  /// What is left at the end of the stream: the last line of a terminal, without its end.
  mutating func finish() -> LogRecord? {
    guard self.hasTerminal, !self.rest.isEmpty else { return nil }
    defer { self.rest = [] }
    return self.record(.stdout, self.rest[...])
  }

  private mutating func frame() throws(RuntimeError) -> LogRecord? {
    let bytes = self.rest[self.start...]
    guard bytes.count >= 8 else { return nil }
    let length = bytes[(self.start + 4)..<(self.start + 8)].reduce(0) { $0 << 8 | Int($1) }
    guard length <= Self.maximumLength, bytes[self.start] <= 2 else {
      throw RuntimeError(code: .internalError, message: "the engine's log stream can't be read")
    }
    guard bytes.count >= 8 + length else { return nil }
    let stream: LogRecord.Stream = bytes[self.start] == 2 ? .stderr : .stdout
    let payload = bytes[(self.start + 8)..<(self.start + 8 + length)]
    self.start += 8 + length
    return self.record(stream, payload)
  }

  private mutating func line() -> LogRecord? {
    let bytes = self.rest[self.start...]
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else {
      guard bytes.count >= Self.longestLine else { return nil }
      self.start = self.rest.count
      return self.record(.stdout, bytes)
    }
    self.start = end + 1
    return self.record(.stdout, bytes[...end])
  }

  /// Takes the time off the front; a piece without one has that of the piece before.
  private mutating func record(_ stream: LogRecord.Stream, _ payload: ArraySlice<UInt8>) -> LogRecord {
    guard let space = payload.prefix(40).firstIndex(of: UInt8(ascii: " ")),
      let time = Timestamp(String(decoding: payload[..<space], as: UTF8.self))
    else {
      return LogRecord(timestamp: self.last, stream: stream, bytes: Array(payload))
    }
    self.last = time
    return LogRecord(timestamp: time, stream: stream, bytes: Array(payload[(space + 1)...]))
  }
}
