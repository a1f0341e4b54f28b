// SPDX-License-Identifier: Apache-2.0

internal import Raft
internal import RaftNIO
internal import SwarmModel
internal import Synchronization

/// Where to look for the members of the managers' group: where the log says, and every second time where gossip says.
///
/// When most managers have moved they have no leader who could write their new addresses down; gossip, which the workers carry, still
/// tells. It is no more than a hint: who answers there is proved there, and a false hint costs every second attempt.
final class ManagerWhereabouts: Sendable {
  private struct State {
    var heard: [NodeID: String] = [:]
    /// The members whose next attempt is the hint's turn.
    var hintIsNext: Set<NodeID> = []
  }

  private let state = Mutex(State())

  /// Where gossip holds the managers to be that are present.
  var heard: [NodeID: String] { self.state.withLock(\.heard) }

  /// Takes over what gossip says.
  func hear(_ addresses: [NodeID: String]) {
    self.state.withLock { $0.heard = addresses }
  }

  /// Where to try to reach a member next.
  func next(for member: Member) -> PeerAddress? {
    guard let context = MemberContext(decoding: member.context) else { return nil }
    let address = self.state.withLock { state -> String in
      guard let heard = state.heard[context.nodeID], heard != context.address else { return context.address }
      guard state.hintIsNext.remove(context.nodeID) == nil else { return heard }
      state.hintIsNext.insert(context.nodeID)
      return context.address
    }
    return PeerAddress(address)
  }
}
