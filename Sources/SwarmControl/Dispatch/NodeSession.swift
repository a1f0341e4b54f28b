// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// One node's session with the leader.
struct NodeSession: Sendable {
  let id: SessionID
  let node: NodeID
  /// Whether the node's agent is one of ours, and not Docker's.
  let isOurs: Bool
  /// The registrations that wait for the session's first message.
  var registrations: [RegistrationID]
  /// When the node was heard of last.
  var lastHeard: Duration
  /// The longest time that the node was told to let pass between heartbeats.
  var period: Duration
  /// Since when the session's stream is lost; `nil` while it is open.
  var lostAt: Duration?
  /// Since when gossip holds the node for gone; `nil` while it doesn't.
  var goneAt: Duration?
  /// The assignment stream, when the node opened it.
  var assignments: AssignmentStream?
  /// Whether the first message was sent.
  var isAccepted = false

  /// When the node counts as down unless something is heard of it.
  ///
  /// What gossip says shortens the wait, and never ends a session whose stream is open and whose heartbeats come: with it
  /// one missed heartbeat is enough instead of several, and a lost stream needs no grace.
  func deadline(_ configuration: ControlConfiguration) -> Duration {
    let heartbeats = self.goneAt == nil ? configuration.missedHeartbeats : 1
    let slack = self.goneAt == nil ? .zero : configuration.streamLossGrace
    let heartbeat = self.lastHeard + self.period * heartbeats + slack
    guard let lostAt else { return heartbeat }
    return min(heartbeat, self.goneAt.map { max(lostAt, $0) } ?? lostAt + configuration.streamLossGrace)
  }
}
