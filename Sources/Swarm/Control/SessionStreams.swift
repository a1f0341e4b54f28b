// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

/// The streams of all sessions that the leader holds.
struct SessionStreams {
  typealias Assignments = AsyncThrowingStream<AssignmentsMessage, any Error>.Continuation

  private var registering: [RegistrationID: SessionStream] = [:]
  private var sessions: [SessionID: SessionStream] = [:]
  private var assignments: [SessionID: Assignments] = [:]
  private var lastRegistration: UInt64 = 0

  /// Keeps a stream until its registration is answered.
  mutating func registering(_ stream: SessionStream) -> RegistrationID {
    self.lastRegistration += 1
    let id = RegistrationID(rawValue: self.lastRegistration)
    self.registering[id] = stream
    return id
  }

  mutating func assignmentsOpened(_ session: SessionID, _ continuation: Assignments) {
    self.assignments.updateValue(continuation, forKey: session)?.finish()
  }

  /// Delivers what the dispatcher sends.
  ///
  /// - Returns: the session whose node turned out to be gone, if any, and the stream that it would have had.
  mutating func send(_ output: SessionOutput) -> (SessionID, SessionStream)? {
    switch output {
    case .accepted(let registration, let message):
      guard let stream = self.registering.removeValue(forKey: registration) else { return nil }
      guard stream.accepted(message.sessionID) else { return (message.sessionID, stream) }
      let older = self.sessions.updateValue(stream, forKey: message.sessionID)
      older?.finish(throwing: SwarmError(code: .unavailable, message: "another connection goes on with the session"))
      stream.send(message)
    case .refused(let registration, let error):
      self.registering.removeValue(forKey: registration)?.finish(throwing: error)
    case .session(let session, let message):
      self.sessions[session]?.send(message)
    case .assignments(let session, let message):
      self.assignments[session]?.yield(message)
    case .close(let session, let error):
      self.sessions.removeValue(forKey: session)?.finish(throwing: error)
      self.assignments.removeValue(forKey: session)?.finish(throwing: error)
    }
    return nil
  }

  /// Drops a session whose node hung up.
  ///
  /// - Returns: false when another connection goes on with the session; then nothing is dropped.
  mutating func forget(_ session: SessionID, of stream: SessionStream) -> Bool {
    if let held = self.sessions[session], held !== stream { return false }
    self.sessions.removeValue(forKey: session)
    self.assignments.removeValue(forKey: session)?.finish()
    return true
  }

  /// Ends everything: this node leads no more.
  mutating func endAll() {
    for stream in self.registering.values { stream.finish(throwing: .notLeading) }
    for stream in self.sessions.values { stream.finish(throwing: .notLeading) }
    for assignments in self.assignments.values { assignments.finish(throwing: SwarmError.notLeading) }
    self.registering.removeAll()
    self.sessions.removeAll()
    self.assignments.removeAll()
  }
}
