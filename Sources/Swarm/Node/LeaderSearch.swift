// SPDX-License-Identifier: Apache-2.0

internal import NIOPosix
internal import SwarmModel
internal import SwarmWire

/// Asks managers one after the other, and the leader that they name, until one can answer.
struct LeaderSearch {
  /// Where managers were last known to be.
  let addresses: [String]
  /// How long to look for a leader.
  let patience: Duration
  let clock: NodeClock

  /// Carries out a call on a connection of its own.
  ///
  /// - Throws: what the call throws, `unavailable` when nobody could answer in time.
  func ask<Answer: Sendable>(
    _ security: ClientSecurity,
    _ body: (ManagerClient) async throws -> Answer
  ) async throws -> Answer {
    guard !self.addresses.isEmpty else { throw SwarmError(code: .unavailable, message: "no manager is known") }
    let deadline = self.clock.now + self.patience
    var addresses = self.addresses
    while true {
      let address = addresses.removeFirst()
      do {
        return try await ManagerClient.withConnection(
          to: address,
          as: nil,
          security: security,
          on: MultiThreadedEventLoopGroup.singleton,
          body
        )
      } catch let error as SwarmError where error.code == .unavailable {
        guard self.clock.now < deadline else { throw error }
        if let leader = error.leaderHint, leader != address {
          addresses.insert(leader, at: 0)
        } else if addresses.isEmpty {
          addresses = self.addresses
          try await Task.sleep(for: .milliseconds(100))
        }
      }
    }
  }
}
