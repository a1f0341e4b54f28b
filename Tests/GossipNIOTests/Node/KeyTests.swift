// SPDX-License-Identifier: Apache-2.0

import Gossip
import GossipNIO
import TestTraits
import Testing

@Suite("Keys and labels on real sockets", .serialized, .takingTurns, .timeLimit(.minutes(2)))
struct KeyTests {
  @Test("keys rotate while members talk, and nothing is refused")
  func rotation() async throws {
    let cluster = TestCluster(network: "127.92.1")
    let lives = try await cluster.start(4)
    let next = GossipKey.random()
    for life in lives {
      try await life.node.installKey(next)
      try await Self.talk(lives)
    }
    for life in lives {
      try await life.node.useKey(next.id)
      try await Self.talk(lives)
    }
    for life in lives {
      try await life.node.removeKey(cluster.key.id)
      try await Self.talk(lives)
    }
    for life in lives {
      #expect(try await life.node.keys() == [next.id])
      #expect(try await life.node.statistics().traffic.refused == 0)
      #expect(try await life.node.members().present.count == 4)
    }
    // The old key opens nothing any more.
    let late = try await cluster.start(cluster.configuration(9))
    await #expect(throws: GossipError(.wrongKey, "")) {
      do { try await late.node.join([lives[0].node.address()]) } catch let error as GossipError {
        throw GossipError(error.code, "")
      }
    }
    try await cluster.end(lives + [late])
  }

  /// Everybody says something that everybody else hears.
  private static func talk(_ lives: [TestCluster.Life]) async throws {
    for life in lives {
      let before = try await life.node.member(life.node.configuration.name)?.metadata.first ?? 0
      try await life.node.setMetadata([before + 1])
      for other in lives {
        try await other.node.until { $0[life.node.configuration.name]?.metadata == [before + 1] }
      }
    }
  }

  @Test("who has the wrong key, the wrong label or no key is told so, and changes nothing", arguments: ["key", "label", "none"])
  func wrong(what: String) async throws {
    let cluster = TestCluster(network: "127.92.\(["key": 2, "label": 3, "none": 4][what] ?? 0)")
    let lives = try await cluster.start(2)
    let before = try await lives[0].node.members()
    var configuration = cluster.configuration(9)
    var expected = GossipError.Code.wrongKey
    switch what {
    case "key":
      configuration.keys = [.random()]
    case "label":
      configuration.gossip.label = "others"
      expected = .wrongLabel
    default:
      configuration.keys = []
      expected = .notSealed
    }
    let stranger = try await cluster.start(configuration)
    do {
      try await stranger.node.join([lives[0].node.address()])
      Issue.record("it was let in")
    } catch let error as GossipError {
      #expect(error.code == expected)
    }
    #expect(try await lives[0].node.members().map(\.id) == before.map(\.id))
    #expect(try await lives[0].node.members().map(\.address) == before.map(\.address))
    #expect(try await lives[0].node.statistics().traffic.refused > 0)
    #expect(try await stranger.node.members().count == 1)
    try await cluster.end(lives + [stranger])
  }

  @Test("a member without a key doesn't understand one with a key, and says so")
  func clear() async throws {
    let cluster = TestCluster(network: "127.92.5")
    var configuration = cluster.configuration(1)
    configuration.keys = []
    let first = try await cluster.start(configuration)
    let second = try await cluster.start(cluster.configuration(2))
    do {
      try await second.node.join([first.node.address()])
      Issue.record("it was let in")
    } catch let error as GossipError {
      #expect(error.code == .wrongKey)
    }
    await #expect(throws: GossipError.self) { try await first.node.installKey(.random()) }
    await #expect(throws: GossipError.self) { try await first.node.setKeys([.random()]) }
    try await cluster.end([first, second])
  }

  @Test("members without keys gossip in the clear among themselves")
  func unsealed() async throws {
    let cluster = TestCluster(network: "127.92.6")
    var configuration = cluster.configuration(1)
    configuration.keys = []
    let first = try await cluster.start(configuration)
    configuration = cluster.configuration(2, seeds: [try await first.node.address()])
    configuration.keys = []
    let second = try await cluster.start(configuration)
    for life in [first, second] { try await life.node.until { $0.present.count == 2 } }
    try await first.node.publish([1], for: "a")
    for await set in second.node.watch() where set.count == 1 { break }
    try await cluster.end([first, second])
  }

  @Test("datagrams that nobody sealed change nothing")
  func strangePackets() async throws {
    let cluster = TestCluster(network: "127.92.7")
    let lives = try await cluster.start(2)
    let before = try await lives[0].node.members()
    let refused = try await lives[0].node.statistics().traffic.refused
    var generator = SystemRandomNumberGenerator()
    var packets: [[UInt8]] = [[], [0x81], [UInt8](repeating: 0x81, count: 1400), [1, 1, 0, 0, 0, 0]]
    for length in stride(from: 1, to: 1400, by: 100) {
      packets.append((0..<length).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }
    try await Stranger.send(packets, to: lives[0].node.address())
    // What the other member says afterwards is heard.
    try await lives[1].node.setMetadata([9])
    try await lives[0].node.until { $0["node-2"]?.metadata == [9] }
    #expect(try await lives[0].node.members().map(\.id) == before.map(\.id))
    #expect(try await lives[0].node.statistics().traffic.refused > refused)
    try await cluster.end(lives)
  }
}
