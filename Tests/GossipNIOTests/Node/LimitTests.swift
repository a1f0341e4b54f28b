// SPDX-License-Identifier: Apache-2.0

import Gossip
import GossipNIO
import NIOCore
import TestTraits
import Testing

@Suite("Limits on real sockets", .serialized, .takingTurns, .timeLimit(.minutes(2)))
struct LimitTests {
  @Test("more strangers than allowed are closed one by one, and members are let in beside them")
  func strangers() async throws {
    let cluster = TestCluster(network: "127.93.1")
    var configuration = cluster.configuration(1)
    configuration.limits.strangers = 4
    let first = try await cluster.start(configuration)
    let address = try await first.node.address()
    var connections: [any Channel] = []
    for _ in 0..<32 { connections.append(try await Stranger.connect(to: address)) }
    // The oldest ones are closed for the new ones.
    for connection in connections[..<28] { try await connection.closeFuture.get() }
    let second = try await cluster.start(cluster.configuration(2, seeds: [address]))
    try await second.node.until { $0.present.count == 2 }
    for connection in connections[28...] { try? await connection.close() }
    try await cluster.end([first, second])
  }

  @Test("who connects and says nothing is closed after a while")
  func silence() async throws {
    let cluster = TestCluster(network: "127.93.2")
    var configuration = cluster.configuration(1)
    configuration.limits.strangerTime = .milliseconds(50)
    let first = try await cluster.start(configuration)
    let connection = try await Stranger.connect(to: first.node.address())
    try await connection.closeFuture.get()
    try await cluster.end([first])
  }

  @Test("a frame that claims to be large, or isn't sealed, is refused with a word why")
  func frames() async throws {
    let cluster = TestCluster(network: "127.93.3")
    let first = try await cluster.start(cluster.configuration(1))
    let address = try await first.node.address()
    #expect(try await Stranger.talk(to: address, [0x7F, 0xFF, 0xFF, 0xFF]) == [0, 0, 0, 2, 0x80, 4])
    #expect(try await Stranger.talk(to: address, [0, 0, 0, 2, 1, 65]) == [0, 0, 0, 2, 0x80, 3])
    #expect(try await Stranger.talk(to: address, [0, 0, 0, 0]) == [0, 0, 0, 2, 0x80, 4])
    try await cluster.end([first])
  }

  @Test("a flood of datagrams keeps nobody from joining")
  func flood() async throws {
    let cluster = TestCluster(network: "127.93.4")
    let first = try await cluster.start(cluster.configuration(1))
    let address = try await first.node.address()
    let packets = [[UInt8]](repeating: [UInt8](repeating: 0x81, count: 1200), count: 20_000)
    async let flood: Void = Stranger.send(packets, to: address)
    let second = try await cluster.start(cluster.configuration(2, seeds: [address]))
    for life in [first, second] { try await life.node.until { $0.present.count == 2 } }
    try await flood
    try await cluster.end([first, second])
  }

  @Test("what is too large is refused by name, and nothing is changed")
  func oversize() async throws {
    let cluster = TestCluster(network: "127.93.5")
    let lives = try await cluster.start(2)
    let node = lives[0].node
    func code(_ body: () async throws -> Void) async -> GossipError.Code? {
      do { try await body() } catch { return (error as? GossipError)?.code }
      return nil
    }
    #expect(await code { try await node.setMetadata([UInt8](repeating: 1, count: 513)) } == .tooLarge)
    #expect(await code { try await node.broadcast([UInt8](repeating: 1, count: 513)) } == .tooLarge)
    #expect(await code { try await node.publish([UInt8](repeating: 1, count: 769), for: "a") } == .tooLarge)
    #expect(await code { try await node.publish([], for: "") } == .tooLarge)
    // At the limit it all fits into packets.
    try await node.setMetadata([UInt8](repeating: 1, count: 512))
    try await node.publish([UInt8](repeating: 1, count: 768), for: String(repeating: "k", count: 128))
    try await lives[1].node.until { $0["node-1"]?.metadata.count == 512 }
    for await set in lives[1].node.watch() where set.count == 1 { break }
    #expect(await code { _ = try GossipNode(name: "a", keys: [GossipKey]()).configuration.validate() } == nil)
    #expect(await code { _ = try GossipNode(name: String(repeating: "n", count: 32), keys: []) } == .invalidIdentity)
    #expect(await code { _ = try GossipNode(name: "a", listen: "a:b:c", keys: []) } == .invalidConfiguration)
    let keys = (0..<4).map { _ in GossipKey.random() }
    #expect(await code { _ = try GossipNode(name: "a", keys: keys) } == .invalidConfiguration)
    try await cluster.end(lives)
  }

  @Test("a port that is taken is a typed error, and a node runs once")
  func port() async throws {
    let cluster = TestCluster(network: "127.93.6")
    let first = try await cluster.start(cluster.configuration(1))
    var configuration = cluster.configuration(2)
    configuration.listen = try await first.node.address()
    let second = try GossipNode(configuration: configuration)
    do {
      try await second.run()
      Issue.record("it listens on a taken port")
    } catch let error as GossipError {
      #expect(error.code == .transportFailed)
    }
    await #expect(throws: GossipError.self) { try await second.members() }
    await #expect(throws: GossipError.self) { try await first.node.run() }
    try await cluster.end([first])
    await #expect(throws: GossipError.self) { try await first.node.members() }
    await first.node.leave()
  }
}
