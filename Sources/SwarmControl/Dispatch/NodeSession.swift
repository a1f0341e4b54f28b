// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// One node's session with the leader.
struct NodeSession: Sendable {
  let id: SessionID
  let node: NodeID
  /// The registrations that wait for the session's first message.
  var registrations: [RegistrationID]
  /// When the node was heard of last.
  var lastHeard: Duration
  /// The longest time that the node was told to let pass between heartbeats.
  var period: Duration
  /// Since when the session's stream is lost; `nil` while it is open.
  var lostAt: Duration?
  /// The assignment stream, when the node opened it.
  var assignments: AssignmentStream?
  /// Whether the first message was sent.
  var isAccepted = false

  /// When the node counts as down unless something is heard of it.
  func deadline(_ configuration: ControlConfiguration) -> Duration {
    let heartbeat = self.lastHeard + self.period * configuration.missedHeartbeats
    return self.lostAt.map { min(heartbeat, $0 + configuration.streamLossGrace) } ?? heartbeat
  }
}
