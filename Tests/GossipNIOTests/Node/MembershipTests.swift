// SPDX-License-Identifier: Apache-2.0

import Gossip
import Synchronization
import TestTraits
import Testing

@testable import GossipNIO

@Suite("Members on real sockets", .serialized, .takingTurns, .timeLimit(.minutes(2)))
struct MembershipTests {
  @Test("members that join through one seed know each other and what they say about themselves")
  func join() async throws {
    let cluster = TestCluster(network: "127.90.1")
    let lives = try await cluster.start(4)
    try await lives[3].node.setMetadata(Array("zone=b".utf8))
    for life in lives {
      try await life.node.until { $0["node-4"]?.metadata == Array("zone=b".utf8) }
    }
    try await cluster.end(lives)
  }

  @Test("a member that falls silent is held for failed, and is back after a restart under its old name")
  func crash() async throws {
    let cluster = TestCluster(network: "127.90.2")
    var lives = try await cluster.start(3)
    let events = lives[0].node.events
    await lives[2].node.stop()
    _ = try await events.upTo { $0.failed == "node-3" }
    try await lives[1].node.until { $0["node-3"]?.status == .dead }

    let first = try await lives[0].node.member("node-3")
    let seed = try await lives[0].node.address()
    lives[2] = try await cluster.start(cluster.configuration(3, seeds: [seed]))
    for life in lives { try await life.node.until { $0.present.count == 3 } }
    let second = try await lives[0].node.member("node-3")
    #expect(try #require(second).epoch > #require(first).epoch)
    try await cluster.end(lives)
  }

  @Test("who leaves is held for left, and never for failed")
  func leave() async throws {
    let cluster = TestCluster(network: "127.90.3")
    let lives = try await cluster.start(4)
    let observed = lives[..<2].map(\.node.events)
    await lives[3].node.leave()
    try await lives[3].task.value
    for life in lives[..<3] { try await life.node.until { $0["node-4"]?.status == .left } }
    // Noticing a crash takes longer than a false verdict about who left would take.
    await lives[2].node.stop()
    for events in observed {
      let seen = try await events.upTo { $0.failed == "node-3" }
      #expect(seen.contains { $0.left == "node-4" })
      #expect(!seen.contains { $0.failed == "node-4" })
    }
    try await cluster.end(Array(lives[..<2]))
  }

  @Test("cancellation says good-bye")
  func cancel() async throws {
    let cluster = TestCluster(network: "127.90.4")
    let lives = try await cluster.start(2)
    lives[1].task.cancel()
    try await lives[1].task.value
    try await lives[0].node.until { $0["node-2"]?.status == .left }
    try await cluster.end([lives[0]])
  }

  @Test("three packets in ten get lost: all join, nobody is held for failed who isn't")
  func loss() async throws {
    let cluster = TestCluster(network: "127.90.5")
    let count = Atomic(UInt64(0))
    let faults = TransportFaults { kind, _ in
      guard kind == .packet else { return false }
      var generator = SystemRandomNumberGenerator()
      count.add(1, ordering: .relaxed)
      return Int.random(in: 0..<10, using: &generator) < 3
    }
    var lives: [TestCluster.Life] = []
    for number in 1...4 {
      let seeds = try await TestCluster.seeds(lives)
      var configuration = cluster.configuration(number, seeds: seeds)
      configuration.faults = faults
      lives.append(try await cluster.start(configuration))
    }
    for life in lives { try await life.node.until { $0.present.count == 4 } }
    let events = lives[0].node.events
    await lives[3].node.stop()
    let seen = try await events.upTo { $0.failed == "node-4" }
    #expect(seen.compactMap(\.failed) == ["node-4"])
    #expect(count.load(ordering: .relaxed) > 0)
    try await cluster.end(Array(lives[..<3]))
  }

  @Test("two halves that didn't reach each other are one again without an operator")
  func partition() async throws {
    let cluster = TestCluster(network: "127.90.6")
    let isCut = Atomic(false)
    var lives: [TestCluster.Life] = []
    for number in 1...4 {
      let seeds = try await TestCluster.seeds(lives)
      var configuration = cluster.configuration(number, seeds: seeds)
      configuration.faults = TransportFaults { _, peer in
        // The last number of an address is the node's.
        isCut.load(ordering: .relaxed) && (Int(peer.ipv4 ?? 0) & 0xFF <= 2) != (number <= 2)
      }
      lives.append(try await cluster.start(configuration))
    }
    for life in lives { try await life.node.until { $0.present.count == 4 } }
    isCut.store(true, ordering: .relaxed)
    for life in lives { try await life.node.until { $0.present.count == 2 } }
    isCut.store(false, ordering: .relaxed)
    for life in lives { try await life.node.until { $0.present.count == 4 } }
    try await cluster.end(lives)
  }

  @Test("a broadcast reaches every other member once")
  func broadcast() async throws {
    let cluster = TestCluster(network: "127.90.7")
    let lives = try await cluster.start(3)
    let streams = lives[1...].map(\.node.events)
    try await lives[0].node.broadcast(Array("first".utf8))
    try await lives[0].node.broadcast(Array("last".utf8))
    for events in streams {
      var heard: Set<String> = []
      var count = 0
      _ = try await events.upTo { event in
        guard case .broadcast(let sender, _, let payload) = event else { return false }
        #expect(sender?.description == "node-1")
        heard.insert(String(decoding: payload, as: UTF8.self))
        count += 1
        return heard == ["first", "last"]
      }
      #expect(count == 2)
    }
    try await cluster.end(lives)
  }

  @Test("a member that moves while it runs is found at its new address")
  func move() async throws {
    let cluster = TestCluster(network: "127.90.8")
    let lives = try await cluster.start(3)
    let port = try await lives[2].node.address().port
    // Any address of loopback reaches the same machine, but only the one listened on reaches the socket.
    let elsewhere = GossipEndpoint(host: "127.90.8.33", port: port)
    try await lives[2].node.setAddress(elsewhere)
    try await lives[0].node.until { $0["node-3"].map { GossipEndpoint($0.address) } == elsewhere }
    try await cluster.end(lives)
  }
}
