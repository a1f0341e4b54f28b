// SPDX-License-Identifier: Apache-2.0

public import Raft

/// A state machine whose outputs can be kept in snapshots, so that a repeated request gets its first answer.
public protocol RecordingStateMachine: StateMachine {
  /// An output as bytes.
  static func encode(_ output: Output) -> [UInt8]
  /// Reads what ``encode(_:)`` gave, of this or an earlier version.
  ///
  /// - Throws: Anything when the bytes can't be understood; the node stops with it.
  static func decode(output bytes: ArraySlice<UInt8>) throws -> Output
}

/// What a command of a ``SessionMachine`` came to.
public enum SessionOutcome<Output: Sendable>: Sendable {
  /// A session is open; the index of its entry is the client's identity.
  case opened(LogIndex)
  /// The client's session is closed.
  case closed
  /// The request was carried out, now or by an earlier attempt.
  case output(Output)
  /// Nothing was carried out now, for this reason: `sessionExpired` or `outcomeUnknown`.
  case refused(RaftError)
}

/// Makes the commands of a state machine happen exactly once (Ongaro's thesis, section 6.3).
///
/// Clients open a session and number their requests; a request that is in the log twice, because its client heard nothing and
/// sent it again, is carried out the first time and answered with the same output every time. All that is decided here depends
/// on the entries alone: time is what they carry.
///
/// A `RaftNode<SessionMachine<Machine>>` has the methods for it: ``RaftNode/openSession(at:)``, ``RaftNode/propose(_:as:at:)`` and
/// ``RaftNode/closeSession(_:)``. Everything that is proposed to it must be a `SessionCommand`, as these methods see to: other bytes are
/// refused, or stop the node when they look like a command of a newer version.
public struct SessionMachine<Base: RecordingStateMachine>: StateMachine {
  /// What a command came to.
  public typealias Output = SessionOutcome<Base.Output>

  /// The state machine that carries out requests.
  public private(set) var base: Base
  /// Empty for a request that was admitted and not carried out yet.
  private var sessions: ClientSessions<LogIndex, Base.Output?>

  /// Wraps an empty state machine.
  ///
  /// - Parameters:
  ///   - base: what carries out requests.
  ///   - limits: what is kept, and for how long; equal on all members.
  public init(_ base: Base, limits: ClientSessions<LogIndex, Base.Output?>.Limits = .init()) {
    self.base = base
    self.sessions = ClientSessions(limits: limits)
  }

  /// Whether a client has a session.
  public func isOpen(_ client: LogIndex) -> Bool { self.sessions.isOpen(client) }

  /// Requests that were admitted and wait to be carried out together.
  private struct Admitted {
    var entries: [Entry] = []
    var requests: [(position: Int, request: ClientRequest<LogIndex>)] = []
  }

  /// Carries out the requests among the entries that weren't before.
  public mutating func apply(_ entries: [Entry], into outputs: inout [Output]) throws {
    var admitted = Admitted()
    for entry in entries {
      switch try Self.command(in: entry) {
      case .failure(let error):
        outputs.append(.refused(error))
      case .success(let command):
        try self.apply(command, of: entry, &admitted, &outputs)
      }
    }
    try self.carryOut(&admitted, &outputs)
  }

  /// - Throws: for a command of a newer version, which must not be passed over.
  private static func command(in entry: Entry) throws(RaftError) -> Result<SessionCommand, RaftError> {
    do {
      return .success(try SessionCommand(decoding: entry.payload))
    } catch {
      if error.code == .unsupportedFormat { throw error }
      return .failure(error)
    }
  }

  private mutating func apply(
    _ command: SessionCommand,
    of entry: Entry,
    _ admitted: inout Admitted,
    _ outputs: inout [Output]
  ) throws {
    switch command {
    case .open(let time):
      self.sessions.open(entry.index, now: time)
      outputs.append(.opened(entry.index))
    case .close(let client):
      // Those of the client that wait find no session afterwards to keep their outputs in; they are carried out all the same.
      self.sessions.close(client)
      outputs.append(.closed)
    case .request(let request, let time, let payload):
      var verdict = self.sessions.admit(request, now: time)
      if case .repeated(nil) = verdict {
        try self.carryOut(&admitted, &outputs)
        verdict = self.sessions.admit(request, now: time)
      }
      switch verdict {
      case .new:
        self.sessions.remember(nil, of: request)
        admitted.entries.append(entry.narrowed(to: payload))
        admitted.requests.append((outputs.count, request))
        // Replaced when it is carried out.
        outputs.append(.closed)
      case .repeated(let output?):
        outputs.append(.output(output))
      case .repeated(nil), .forgotten:
        outputs.append(
          .refused(RaftError(.outcomeUnknown, "request \(request.sequence) was answered too long ago to tell how"))
        )
      case .noSession:
        outputs.append(.refused(RaftError(.sessionExpired, "client \(request.client) has no session")))
      }
    }
  }

  private mutating func carryOut(_ admitted: inout Admitted, _ outputs: inout [Output]) throws {
    guard !admitted.entries.isEmpty else { return }
    var results: [Base.Output] = []
    results.reserveCapacity(admitted.entries.count)
    try self.base.apply(admitted.entries, into: &results)
    precondition(
      results.count == admitted.entries.count,
      "the state machine gave \(results.count) outputs for \(admitted.entries.count) commands"
    )
    for (result, place) in zip(results, admitted.requests) {
      outputs[place.position] = .output(result)
      self.sessions.replace(result, of: place.request)
    }
    admitted = Admitted()
  }

  /// Passes the event on.
  public mutating func didChange(_ event: RaftEvent) { self.base.didChange(event) }

  /// As the state machine inside says.
  public var entriesBetweenSnapshots: Int? { self.base.entriesBetweenSnapshots }

  // MARK: - Snapshots

  /// The sessions, and the state behind them.
  public func snapshot() -> any SnapshotSource {
    SessionSnapshot<Base>(sessions: self.sessions, base: self.base.snapshot())
  }

  /// Replaces sessions and state.
  public mutating func restore(from snapshot: [UInt8]) throws {
    let headerLength = 8
    guard snapshot.count >= headerLength else { throw RaftError(.incomplete, "a snapshot ends before its sessions") }
    let length = snapshot[..<headerLength].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(snapshot.count - headerLength) else {
      throw RaftError(.incomplete, "a snapshot ends within its sessions")
    }
    let end = headerLength + Int(length)
    self.sessions = try ClientSessions(decoding: snapshot[headerLength..<end], limits: self.sessions.limits) { bytes in
      try Base.decode(output: bytes)
    }
    try self.base.restore(from: Array(snapshot[end...]))
  }
}

/// Sessions and state as they were when the snapshot was taken.
private struct SessionSnapshot<Base: RecordingStateMachine>: SnapshotSource {
  let sessions: ClientSessions<LogIndex, Base.Output?>
  let base: any SnapshotSource

  func write(to sink: inout SnapshotSink) throws {
    // Between batches nothing waits, so that every output is known.
    let sessions = self.sessions.encoded { output in output.map(Base.encode) ?? [] }
    try sink.write((0..<8).map { UInt8(truncatingIfNeeded: sessions.count >> ($0 * 8)) })
    try sink.write(sessions)
    try self.base.write(to: &sink)
  }
}
