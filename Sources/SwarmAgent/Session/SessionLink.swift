// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel
internal import Synchronization

/// One session, between the loop that talks to the manager and the loop that owns the worker.
final class SessionLink: Sendable {
  /// What the worker wants of the session.
  enum Order: Sendable {
    /// Send these statuses.
    case report(WorkerTurn.StatusReport)
    /// End the session.
    case end(SwarmError)
    /// End the session as far as the manager can see, and then only send statuses.
    case leave
  }

  /// Names the session in messages to the worker; never used twice.
  let number: UInt64
  /// What the worker wants.
  let orders = Mailbox<Order>()

  private struct State {
    var sessionID: SessionID?
    var openedAt: Duration?
    var managers: [WeightedPeer] = []
    var isDescriptionOld = false
    var isLast = false
    var description: NodeDescription?
  }

  private let state = Mutex(State())

  init(number: UInt64) {
    self.number = number
  }

  /// The session's id, once it is open.
  var sessionID: SessionID? { self.state.withLock { $0.sessionID } }

  /// When the session was opened.
  var openedAt: Duration? { self.state.withLock { $0.openedAt } }

  /// The managers, by the last message.
  var managers: [WeightedPeer] { self.state.withLock { $0.managers } }

  /// Whether the session ended because the node changed.
  var isDescriptionOld: Bool { self.state.withLock { $0.isDescriptionOld } }

  /// What the manager was told of the node.
  var description: NodeDescription? { self.state.withLock { $0.description } }

  /// The manager is told this of the node.
  func told(_ description: NodeDescription) { self.state.withLock { $0.description = description } }

  /// The node changed: it has to register again.
  func markDescriptionOld() { self.state.withLock { $0.isDescriptionOld = true } }

  /// Whether this is the agent's last session, because the node goes away.
  var isLast: Bool { self.state.withLock { $0.isLast } }

  /// The node goes away.
  func markLast() { self.state.withLock { $0.isLast = true } }

  /// Takes note of a message of the session.
  func received(_ message: SessionMessage, at now: Duration) {
    self.state.withLock {
      $0.sessionID = message.sessionID
      $0.openedAt = $0.openedAt ?? now
      if !message.managers.isEmpty { $0.managers = message.managers }
    }
  }
}
