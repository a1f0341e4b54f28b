// SPDX-License-Identifier: Apache-2.0

import Gossip
import GossipNIO
import TestTraits
import Testing

@Suite("The table on real sockets", .serialized, .takingTurns, .timeLimit(.minutes(2)))
struct TableTests {
  @Test("a watch sees records of all members come and go, also with their owners")
  func watch() async throws {
    let cluster = TestCluster(network: "127.91.1")
    let lives = try await cluster.start(3)
    let sets = lives[0].node.watch(prefix: "web/")
    try await lives[0].node.publish([1], for: "web/1")
    try await lives[1].node.publish([2], for: "web/2")
    try await lives[2].node.publish([3], for: "web/3")
    try await lives[2].node.publish([4], for: "db/4")
    var wanted: [[[UInt8]]] = [[[1], [2], [3]], [[2], [3]], [[2]]]
    for await set in sets where set.map(\.value) == wanted[0] {
      wanted.removeFirst()
      switch wanted.count {
      case 2: #expect(try await lives[0].node.withdraw("web/1"))
      case 1: await lives[2].node.stop()
      default: break
      }
      if wanted.isEmpty { break }
    }
    #expect(wanted.isEmpty)
    #expect(try await lives[0].node.withdraw("web/1") == false)
    #expect(try await lives[0].node.record(of: "node-2", for: "web/2")?.value == [2])
    #expect(try await lives[0].node.records(prefix: "db/").isEmpty)
    try await cluster.end(Array(lives[..<2]))
  }

  @Test("a table that needs many frames is learned by a member that joins late")
  func bigTable() async throws {
    let cluster = TestCluster(network: "127.91.2")
    let first = try await cluster.start(cluster.configuration(1))
    let value = [UInt8](repeating: 7, count: 700)
    for number in 0..<4000 { try await first.node.publish(value, for: "key-\(number)") }
    var configuration = cluster.configuration(2)
    configuration.gossip.synchronising.chunkBytes = 16 << 10
    let second = try await cluster.start(configuration)
    try await second.node.join([first.node.address()])
    #expect(try await second.node.records().count == 4000)
    #expect(try await second.node.record(of: "node-1", for: "key-3999")?.value == value)
    try await cluster.end([first, second])
  }
}
