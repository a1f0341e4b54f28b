// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// What a client asks the key-value state machine to do.
///
/// Every answer names the value that was there before.
struct KeyValueCommand: Hashable, Sendable {
  enum Kind: UInt8, Hashable, Sendable {
    case put = 1
    /// Puts the value only when `expected` is there.
    case compareAndSwap = 2
    /// Opens a session, which goes by the index of this command's entry.
    case open = 3
  }

  /// The session that it belongs to.
  var client: Int
  var sequence: UInt64
  var kind: Kind
  var key: Int
  var value: UInt64
  var expected: UInt64 = 0
  /// The time of the member that proposes it, by which sessions expire.
  var time: Duration = .zero

  static let length = 38

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
    append(self.time.bits, count: 8, to: &bytes)
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
    self.time = Duration(bits: number(bytes, at: start + 30, count: 8))
  }
}

/// What a command did.
struct KeyValueResult: Hashable, Sendable {
  var previous: UInt64
  var isChanged: Bool
}

/// A small replicated state: registers, and what clients' requests came to, so that a retry does nothing twice (R11).
struct KeyValueMachine: Sendable {
  private typealias Sessions = ClientSessions<Int, KeyValueResult>

  /// What came of a command.
  enum Outcome {
    case done(KeyValueResult)
    /// It was carried out before, with this result.
    case repeated(KeyValueResult)
    /// It was carried out, but what came of it is forgotten: its client must have got the answer, or given up.
    case forgotten
    /// Its session expired, so that nobody knows whether it was carried out.
    case expired
  }

  private var values: [UInt64]
  private var sessions: Sessions
  /// Sums up the whole state; equal states have the same.
  private(set) var digest: UInt64 = 0

  init(keys: Int, sessionLifetime: Duration) {
    self.values = [UInt64](repeating: 0, count: keys)
    self.sessions = Sessions(limits: .init(lifetime: sessionLifetime))
  }

  subscript(key: Int) -> UInt64 { key < self.values.count ? self.values[key] : 0 }

  /// Carries out a command, unless it was before.
  mutating func apply(_ command: KeyValueCommand, at index: LogIndex) -> Outcome {
    guard command.kind != .open else {
      self.sessions.open(Int(index.rawValue), now: command.time)
      self.digest ^= mixed(index.rawValue &+ self.sessions.time.bits)
      return .done(KeyValueResult(previous: 0, isChanged: true))
    }
    let request = ClientRequest(client: command.client, sequence: command.sequence, answered: command.sequence - 1)
    switch self.sessions.admit(request, now: command.time) {
    case .new: break
    case .repeated(let result): return .repeated(result)
    case .forgotten: return .forgotten
    case .noSession: return .expired
    }
    let previous = self.values[command.key]
    let isChanged = command.kind == .put || previous == command.expected
    if isChanged {
      self.digest ^= Self.digest(key: command.key, previous) ^ Self.digest(key: command.key, command.value)
      self.values[command.key] = command.value
    }
    let result = KeyValueResult(previous: previous, isChanged: isChanged)
    self.sessions.remember(result, of: request)
    self.digest ^= Self.digest(command, result)
    return .done(result)
  }

  private static func digest(key: Int, _ value: UInt64) -> UInt64 {
    value == 0 ? 0 : mixed(value &* 31 &+ UInt64(key))
  }

  private static func digest(_ command: KeyValueCommand, _ result: KeyValueResult) -> UInt64 {
    mixed(mixed(UInt64(command.client) << 32 | command.sequence) &+ result.previous &* 2 &+ (result.isChanged ? 1 : 0))
  }

  // MARK: - Snapshots

  var encoded: [UInt8] {
    var bytes: [UInt8] = []
    let sessions = self.sessions.all
    append(self.digest, count: 8, to: &bytes)
    append(UInt64(self.values.count), count: 4, to: &bytes)
    append(UInt64(sessions.count), count: 4, to: &bytes)
    append(self.sessions.time.bits, count: 8, to: &bytes)
    append(self.sessions.limits.lifetime.bits, count: 8, to: &bytes)
    for value in self.values { append(value, count: 8, to: &bytes) }
    for (client, session) in sessions {
      append(UInt64(client), count: 4, to: &bytes)
      append(session.lastUsed.bits, count: 8, to: &bytes)
      append(session.forgotten, count: 8, to: &bytes)
      append(UInt64(session.outputs.count), count: 4, to: &bytes)
      for (sequence, output) in session.outputs {
        append(sequence, count: 8, to: &bytes)
        append(output.previous, count: 8, to: &bytes)
        append(output.isChanged ? 1 : 0, count: 1, to: &bytes)
      }
    }
    return bytes
  }

  /// Reads what ``encoded`` gives; the bytes are known to be whole.
  init(_ bytes: [UInt8]) {
    var offset = 0
    func next(_ count: Int) -> UInt64 {
      defer { offset += count }
      return number(bytes[...], at: offset, count: count)
    }
    self.digest = next(8)
    let keys = next(4)
    let clients = next(4)
    let time = Duration(bits: next(8))
    let lifetime = Duration(bits: next(8))
    self.values = (0..<keys).map { _ in next(8) }
    let sessions = (0..<clients).map { _ in
      let client = Int(next(4))
      let lastUsed = Duration(bits: next(8))
      let forgotten = next(8)
      let outputs = (0..<next(4)).map { _ in
        (sequence: next(8), output: KeyValueResult(previous: next(8), isChanged: next(1) == 1))
      }
      return (client: client, session: Sessions.Session(lastUsed: lastUsed, forgotten: forgotten, outputs: outputs))
    }
    self.sessions = Sessions(limits: .init(lifetime: lifetime), time: time, sessions: sessions)
  }
}

extension Duration {
  /// As nanoseconds; a time before the origin counts as the origin.
  fileprivate var bits: UInt64 { UInt64(max(0, self.nanoseconds)) }

  fileprivate init(bits: UInt64) { self = .nanoseconds(Int64(bitPattern: bits)) }
}

private func append(_ value: UInt64, count: Int, to bytes: inout [UInt8]) {
  for shift in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift * 8))) }
}

private func number(_ bytes: ArraySlice<UInt8>, at offset: Int, count: Int) -> UInt64 {
  var value: UInt64 = 0
  for position in 0..<count { value |= UInt64(bytes[offset + position]) << UInt64(position * 8) }
  return value
}
