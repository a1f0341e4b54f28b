// SPDX-License-Identifier: Apache-2.0

import Gossip
import TestTraits
import Testing

@testable import GossipNIO

@Suite("Remembered peers", .serialized, .takingTurns, .timeLimit(.minutes(2)))
struct RejoinTests {
  @Test("a member that restarts at another address finds the others without seeds, and they find it")
  func moved() async throws {
    let directory = try TemporaryDirectory()
    let cluster = TestCluster(network: "127.94.1")
    var lives = try await cluster.start(2)
    var configuration = cluster.configuration(3, seeds: [try await lives[0].node.address()])
    configuration.peerFile = "\(directory.path)/peers"
    lives.append(try await cluster.start(configuration))
    for life in lives { try await life.node.until { $0.present.count == 3 } }
    let epoch = try await #require(lives[0].node.member("node-3")).epoch
    await lives[2].node.stop()
    try await lives[2].task.value
    #expect(try directory.mode(of: "peers") == 0o600)
    #expect(try directory.read("peers").split(separator: "\n").count == 4)

    configuration.seeds = []
    configuration.listen = GossipEndpoint(host: "127.94.1.30", port: 0)
    lives[2] = try await cluster.start(configuration)
    let address = try await lives[2].node.address()
    for life in lives {
      try await life.node.until { members in
        members.present.count == 3 && members["node-3"].map { GossipEndpoint($0.address) } == address
      }
    }
    #expect(try await #require(lives[0].node.member("node-3")).epoch > epoch)
    try await cluster.end(lives)
  }

  @Test("an epoch is higher than the one of the last start, whatever the clock says")
  func epochs() async throws {
    let directory = try TemporaryDirectory()
    try directory.write("peers", "swift-swarm gossip 1\nepoch 9999999999999\nfuture 1\n")
    let cluster = TestCluster(network: "127.94.2")
    var configuration = cluster.configuration(1)
    configuration.peerFile = "\(directory.path)/peers"
    for epoch in [UInt64(10_000_000_000_000), 10_000_000_000_001] {
      let life = try await cluster.start(configuration)
      #expect(try await life.node.member("node-1")?.epoch == epoch)
      try await cluster.end([life])
    }
  }

  @Test("a file that can't be understood is replaced; one that can't be written is an error")
  func damage() async throws {
    let directory = try TemporaryDirectory()
    try directory.write("peers", "nonsense")
    let cluster = TestCluster(network: "127.94.3")
    var configuration = cluster.configuration(1)
    configuration.peerFile = "\(directory.path)/peers"
    try await cluster.end([cluster.start(configuration)])
    #expect(try directory.read("peers").hasPrefix("swift-swarm gossip 1\nepoch "))
    configuration.peerFile = "\(directory.path)/none/peers"
    let node = try GossipNode(configuration: configuration)
    do {
      try await node.run()
      Issue.record("it runs without its file")
    } catch let error as GossipError {
      #expect(error.code == .storageFailed)
    }
  }

  @Test("the file's text is what it was, and any text gives a file or a typed error")
  func text() throws {
    let file = PeerFile(
      epoch: 77,
      peers: [GossipAddress(ipv4: 0x0A00_0002, port: 7946), GossipAddress(ipv6: (0xFD00 << 48, 1), port: 1)]
    )
    #expect(file.text == "swift-swarm gossip 1\nepoch 77\npeer 10.0.0.2:7946\npeer [fd00::1]:1\n")
    #expect(try PeerFile(text: file.text) == file)
    let heading = "swift-swarm gossip 1\n"
    for text in ["", "swift-swarm gossip 2\n", "\(heading)epoch -1", "\(heading)epoch", "\(heading)peer x", "\(heading)peer a:1"]
    {
      #expect(throws: GossipError.self) { try PeerFile(text: text) }
    }
    let many = heading + String(repeating: "peer 10.0.0.2:1\n", count: 1000)
    #expect(try PeerFile(text: many).peers.count == PeerFile.limit)
  }
}
