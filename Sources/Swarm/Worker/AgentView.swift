// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel
internal import Synchronization

/// What the node's agent hears from the leader.
final class AgentView: Sendable {
  private struct State {
    var hasSession = false
    var managers: [LocalNodeStatus.Manager] = []
  }

  private let state = Mutex(State())

  /// The managers, as the leader told last.
  var managers: [LocalNodeStatus.Manager] { self.state.withLock(\.managers) }
  /// Whether there ever was a session.
  var hasSession: Bool { self.state.withLock(\.hasSession) }

  /// Takes in what the leader said.
  ///
  /// - Returns: whether other managers are known now.
  func received(_ message: SessionMessage) -> Bool {
    let managers = message.managers.filter { !$0.address.isEmpty }
      .map { LocalNodeStatus.Manager(nodeID: $0.nodeID, address: $0.address) }
    return self.state.withLock { state in
      defer { state.managers = managers }
      state.hasSession = true
      return state.managers != managers
    }
  }
}
