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

  /// How long to wait when all were asked, at first; it doubles.
  private static let shortestPause = Duration.milliseconds(100)
  private static let longestPause = Duration.seconds(2)

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
    var pause = Self.shortestPause
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
          // Many may be turned away together; they should come back one by one.
          try await Task.sleep(for: pause * Double.random(in: 0.5...1))
          pause = min(pause * 2, Self.longestPause)
        }
      }
    }
  }
}
