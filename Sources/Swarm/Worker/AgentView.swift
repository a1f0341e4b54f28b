// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel
internal import Synchronization

/// What the node's agent hears from the leader.
final class AgentView: Sendable {
  private struct State {
    var told: SessionMessage?
    var managers: [LocalNodeStatus.Manager] = []
  }

  /// Rings once for any number of messages.
  let news: AsyncStream<Void>
  private let bell: AsyncStream<Void>.Continuation
  private let state = Mutex(State())

  init() {
    (self.news, self.bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// The leader's last message.
  var told: SessionMessage? { self.state.withLock(\.told) }
  /// The managers, as the leader told last.
  var managers: [LocalNodeStatus.Manager] { self.state.withLock(\.managers) }
  /// Whether there ever was a session.
  var hasSession: Bool { self.state.withLock { $0.told != nil } }

  /// Takes in what the leader said.
  ///
  /// - Returns: whether other managers are known now.
  func received(_ message: SessionMessage) -> Bool {
    let managers = message.managers.filter { !$0.address.isEmpty }
      .map { LocalNodeStatus.Manager(nodeID: $0.nodeID, address: $0.address) }
    defer { self.bell.yield() }
    return self.state.withLock { state in
      defer { state.managers = managers }
      state.told = message
      return state.managers != managers
    }
  }
}
