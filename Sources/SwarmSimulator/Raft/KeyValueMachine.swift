// SPDX-License-Identifier: Apache-2.0

/// What a client asks the key-value state machine to do. Every answer names the value that was there before.
struct KeyValueCommand: Hashable, Sendable {
  enum Kind: UInt8, Hashable, Sendable {
    case put = 1
    /// Puts the value only when `expected` is there.
    case compareAndSwap = 2
  }

  var client: Int
  var sequence: UInt64
  var kind: Kind
  var key: Int
  var value: UInt64
  var expected: UInt64 = 0

  static let length = 30

  /// The command as bytes, with some that mean nothing behind it.
  func encoded(padding: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.length + padding)
    bytes.append(self.kind.rawValue)
    bytes.append(UInt8(truncatingIfNeeded: self.key))
    append(UInt64(self.client), count: 4, to: &bytes)
    append(self.sequence, count: 8, to: &bytes)
    append(self.value, count: 8, to: &bytes)
    append(self.expected, count: 8, to: &bytes)
    bytes.append(contentsOf: repeatElement(0x5A, count: padding))
    return bytes
  }

  init(client: Int, sequence: UInt64, kind: Kind, key: Int, value: UInt64, expected: UInt64 = 0) {
    self.client = client
    self.sequence = sequence
    self.kind = kind
    self.key = key
    self.value = value
    self.expected = expected
  }

  init?(_ bytes: ArraySlice<UInt8>) {
    guard bytes.count >= Self.length, let kind = Kind(rawValue: bytes[bytes.startIndex]) else { return nil }
    let start = bytes.startIndex
    self.kind = kind
    self.key = Int(bytes[start + 1])
    self.client = Int(number(bytes, at: start + 2, count: 4))
    self.sequence = number(bytes, at: start + 6, count: 8)
    self.value = number(bytes, at: start + 14, count: 8)
    self.expected = number(bytes, at: start + 22, count: 8)
  }
}

/// What a command did.
struct KeyValueResult: Hashable, Sendable {
  var previous: UInt64
  var isChanged: Bool
}

/// A small replicated state: registers, and for every client its last command, so that a retry does nothing twice (R11).
struct KeyValueMachine: Hashable, Sendable {
  private struct Session: Hashable {
    var sequence: UInt64 = 0
    var result = KeyValueResult(previous: 0, isChanged: false)
  }

  private var values: [UInt64]
  private var sessions: [Session] = []
  /// Sums up the whole state; equal states have the same.
  private(set) var digest: UInt64 = 0

  init(keys: Int) { self.values = [UInt64](repeating: 0, count: keys) }

  subscript(key: Int) -> UInt64 { key < self.values.count ? self.values[key] : 0 }

  /// Carries out a command; `isRetry` says that it was carried out before.
  mutating func apply(_ command: KeyValueCommand) -> (result: KeyValueResult, isRetry: Bool) {
    while self.sessions.count <= command.client { self.sessions.append(Session()) }
    let session = self.sessions[command.client]
    guard command.sequence > session.sequence, command.key < self.values.count else { return (session.result, true) }
    let previous = self.values[command.key]
    let isChanged = command.kind == .put || previous == command.expected
    if isChanged {
      self.digest ^= Self.digest(key: command.key, previous) ^ Self.digest(key: command.key, command.value)
      self.values[command.key] = command.value
    }
    let result = KeyValueResult(previous: previous, isChanged: isChanged)
    self.digest ^= Self.digest(client: command.client, session)
    self.sessions[command.client] = Session(sequence: command.sequence, result: result)
    self.digest ^= Self.digest(client: command.client, self.sessions[command.client])
    return (result, false)
  }

  private static func digest(key: Int, _ value: UInt64) -> UInt64 {
    value == 0 ? 0 : mixed(value &* 31 &+ UInt64(key))
  }

  private static func digest(client: Int, _ session: Session) -> UInt64 {
    guard session.sequence > 0 else { return 0 }
    return mixed(mixed(UInt64(client) << 32 | session.sequence) &+ session.result.previous &* 2 &+ (session.result.isChanged ? 1 : 0))
  }

  // MARK: - Snapshots

  var encoded: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + self.values.count * 8 + self.sessions.count * 17)
    append(UInt64(self.values.count), count: 4, to: &bytes)
    append(UInt64(self.sessions.count), count: 4, to: &bytes)
    for value in self.values { append(value, count: 8, to: &bytes) }
    for session in self.sessions {
      append(session.sequence, count: 8, to: &bytes)
      append(session.result.previous, count: 8, to: &bytes)
      bytes.append(session.result.isChanged ? 1 : 0)
    }
    return bytes
  }

  init?(_ bytes: [UInt8]) {
    guard bytes.count >= 8 else { return nil }
    let keys = Int(number(bytes[...], at: 0, count: 4))
    let clients = Int(number(bytes[...], at: 4, count: 4))
    guard bytes.count == 8 + keys * 8 + clients * 17 else { return nil }
    self.values = (0..<keys).map { number(bytes[...], at: 8 + $0 * 8, count: 8) }
    self.sessions = (0..<clients).map { client in
      let start = 8 + keys * 8 + client * 17
      let previous = number(bytes[...], at: start + 8, count: 8)
      return Session(
        sequence: number(bytes[...], at: start, count: 8),
        result: KeyValueResult(previous: previous, isChanged: bytes[start + 16] == 1)
      )
    }
    for (key, value) in self.values.enumerated() { self.digest ^= Self.digest(key: key, value) }
    for (client, session) in self.sessions.enumerated() { self.digest ^= Self.digest(client: client, session) }
  }
}

private func append(_ value: UInt64, count: Int, to bytes: inout [UInt8]) {
  for shift in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift * 8))) }
}

private func number(_ bytes: ArraySlice<UInt8>, at offset: Int, count: Int) -> UInt64 {
  var value: UInt64 = 0
  for position in 0..<count { value |= UInt64(bytes[offset + position]) << UInt64(position * 8) }
  return value
}
