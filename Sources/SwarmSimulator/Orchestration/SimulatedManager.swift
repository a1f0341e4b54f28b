// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

/// A manager: its copy of the state, and the control loop while it believes that it leads.
struct SimulatedManager {
  /// The manager's own node.
  let node: NodeID
  var isUp = true
  var store = Store()
  /// What a restart begins with; encoded only when one does, since nearly none of so many snapshots is ever read.
  var snapshot: Store?
  /// How far the manager's wall clock is from the others'.
  var wallOffset = Duration.zero
  /// How often the clock jumped.
  var clockJumps = 0

  /// Exists from the moment the manager's term begins to the moment the manager learns that it is over.
  var control: Control?
  /// The term of the control loop.
  var term: UInt64 = 0
  /// When the term began.
  var termBegan = Nanoseconds(0)
  /// When the next turn is.
  var turnAt: Nanoseconds?
  /// How many turns there were in the second that began last.
  var turns = 0
  var secondBegan = Nanoseconds(0)
  /// How many turns did nothing and asked for the next one at once, one after the other.
  var idleTurns = 0
  /// Proposals are refused until then.
  var refusesUntil = Nanoseconds(0)
  /// Whether followers apply what is committed soon.
  var isApplying = false

  /// Who waits for an answer to a registration.
  var registrations: [RegistrationID: AgentLink] = [:]
  var lastRegistration: UInt64 = 0
  /// Who is at the other end of a session.
  var sessions: [SessionID: AgentLink] = [:]
  /// Who opened the stream of a session's assignments.
  var streams: [SessionID: AgentLink] = [:]
  /// The session that the control loop accepted last, per node.
  var accepted: [NodeID: SessionID] = [:]
  /// When a node was last heard in this term.
  var lastHeard: [NodeID: Nanoseconds] = [:]
  #if PLANTED_BUGS
    /// Control loops of earlier terms that weren't dropped (33).
    var undead: [Control] = []
  #endif

  init(node: NodeID) { self.node = node }

  /// Forgets everything that only a leader knows.
  mutating func endTerm() {
    self.control = nil
    self.turnAt = nil
    self.registrations = [:]
    self.sessions = [:]
    self.streams = [:]
    self.accepted = [:]
    self.lastHeard = [:]
  }
}

/// One connection of an agent.
struct AgentLink: Hashable {
  let agent: Int
  let connection: Int
}
