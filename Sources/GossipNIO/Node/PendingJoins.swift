// SPDX-License-Identifier: Apache-2.0

internal import Gossip
internal import NIOCore

/// Those who wait until a member was joined, and what they hear when none can be.
struct PendingJoins {
  private var promises: [EventLoopPromise<GossipAddress>] = []
  /// The seeds that haven't refused yet.
  private var hopeful: Set<GossipAddress> = []

  /// Waits for the seeds.
  mutating func add(_ promise: EventLoopPromise<GossipAddress>, seeds: [GossipAddress]) {
    self.hopeful = Set(seeds)
    self.promises.append(promise)
  }

  mutating func succeed(through address: GossipAddress) {
    for promise in self.take() { promise.succeed(address) }
  }

  mutating func fail(_ error: GossipError) {
    for promise in self.take() { promise.fail(error) }
  }

  /// One that has the wrong key now has it at the next attempt, too: there is no reason to wait when all said so.
  mutating func refused(_ error: GossipError, by address: GossipAddress) {
    guard !self.promises.isEmpty, [.wrongKey, .wrongLabel, .notSealed].contains(error.code) else { return }
    self.hopeful.remove(address)
    if self.hopeful.isEmpty { self.fail(error) }
  }

  private mutating func take() -> [EventLoopPromise<GossipAddress>] {
    defer { self.promises = [] }
    return self.promises
  }
}
