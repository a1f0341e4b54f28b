// SPDX-License-Identifier: Apache-2.0

internal import NIOPosix
internal import SwarmModel
internal import SwarmWire

/// The way into a swarm: asks the managers that a joining node was given, and the leader that they name, until one lets it in.
struct Gate {
  let remotes: [String]
  let token: String
  /// How long to look for a leader.
  let patience: Duration
  let clock: NodeClock

  /// Gets this node an id in the swarm.
  func register(_ identity: NodeIdentity) async throws -> NodeID {
    try await self.ask(as: nil) {
      try await $0.issueNode(role: identity.role, availability: identity.availability, known: nil, token: self.token)
    }
  }

  /// Gets this manager into the Raft group.
  func joinRaft(_ identity: NodeIdentity) async throws -> RaftJoin {
    try await self.ask(as: identity.nodeID) {
      try await $0.joinRaft(node: identity.nodeID, address: identity.advertiseAddress)
    }
  }

  private func ask<Answer: Sendable>(
    as node: NodeID?,
    _ body: (ManagerClient) async throws -> Answer
  ) async throws -> Answer {
    let deadline = self.clock.now + self.patience
    var addresses = self.remotes
    while true {
      let address = addresses.removeFirst()
      do {
        return try await ManagerClient.withConnection(to: address, as: node, on: MultiThreadedEventLoopGroup.singleton, body)
      } catch let error as SwarmError where error.code == .unavailable {
        guard self.clock.now < deadline else { throw error }
        if let leader = error.leaderHint, leader != address {
          addresses.insert(leader, at: 0)
        } else if addresses.isEmpty {
          addresses = self.remotes
          try await Task.sleep(for: .milliseconds(100))
        }
      }
    }
  }
}
