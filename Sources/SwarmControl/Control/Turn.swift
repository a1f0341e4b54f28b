// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

/// What one turn of the control loop wants done.
package struct Turn: Sendable {
  /// Entries to propose, in this order.
  package var proposals: [Proposal] = []
  /// Messages to the nodes' sessions, in this order.
  package var messages: [SessionOutput] = []
  /// When the next turn is due without any event; the current moment when there is more to do at once.
  ///
  /// `nil`: only an event can change anything.
  package var nextWake: Duration?

  package init() {}
}

/// Names a proposal of one term's control loop.
package struct ProposalID: Sendable, Hashable, Comparable, RawRepresentable {
  package var rawValue: UInt64

  package init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// An entry that the control loop wants in the log.
package struct Proposal: Sendable {
  /// The name to report a failure with.
  package let id: ProposalID
  /// The entry; it carries no client stamp.
  package let entry: LogEntry

  package init(id: ProposalID, entry: LogEntry) {
    self.id = id
    self.entry = entry
  }
}

/// Names a node's wish for a session until it is answered; chosen by the driver.
package struct RegistrationID: Sendable, Hashable, RawRepresentable {
  package var rawValue: UInt64

  package init(rawValue: UInt64) {
    self.rawValue = rawValue
  }
}

/// What the dispatcher sends.
package enum SessionOutput: Sendable {
  /// The registration is a session now; the message is the first of its stream.
  case accepted(RegistrationID, SessionMessage)
  /// The registration is refused.
  case refused(RegistrationID, SwarmError)
  /// A further message of the session's stream.
  case session(SessionID, SessionMessage)
  /// A message of the session's assignment stream.
  case assignments(SessionID, AssignmentsMessage)
  /// The session is over: end its streams with the error.
  case close(SessionID, SwarmError)
}

/// What the leader's consensus module knows of a manager.
package struct ManagerObservation: Sendable, Hashable {
  /// The manager's node.
  package var node: NodeID
  /// The manager's member id.
  package var raftID: UInt64
  /// The manager's advertised `host:port`.
  package var address: String
  /// Whether the manager leads.
  package var isLeader: Bool
  /// Whether the manager answers.
  package var reachability: Reachability

  package init(node: NodeID, raftID: UInt64, address: String, isLeader: Bool, reachability: Reachability) {
    self.node = node
    self.raftID = raftID
    self.address = address
    self.isLeader = isLeader
    self.reachability = reachability
  }
}
