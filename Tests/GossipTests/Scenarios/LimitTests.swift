// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Gossip

@Suite("Limits")
struct LimitTests {
  @Test("metadata, broadcasts, keys and values at their limit go through in packets that fit; one byte more is refused")
  func sizes() throws {
    var group = try Group(3)
    group.join()
    let limit = GossipConfiguration.maximumMetadataBytes
    #expect(
      #expect(throws: GossipError.self) { try group.cores[0].setMetadata([UInt8](repeating: 1, count: limit + 1), now: .zero) }?
        .code == .tooLarge
    )
    #expect(
      #expect(throws: GossipError.self) { try group.cores[0].broadcast([UInt8](repeating: 1, count: 513), now: .zero) }?.code
        == .tooLarge
    )
    #expect(#expect(throws: GossipError.self) { try group.cores[0].publish(key: [], value: [], now: .zero) }?.code == .tooLarge)
    #expect(
      #expect(throws: GossipError.self) {
        try group.cores[0].publish(key: [1], value: [UInt8](repeating: 1, count: 769), now: .zero)
      }?.code == .tooLarge
    )
    #expect(#expect(throws: GossipError.self) { try MemberID("") }?.code == .invalidIdentity)
    #expect(#expect(throws: GossipError.self) { try MemberID(String(repeating: "x", count: 32)) }?.code == .invalidIdentity)

    let metadata = [UInt8](repeating: 1, count: limit)
    try group.cores[0].setMetadata(metadata, now: group.now)
    try group.cores[0].broadcast([UInt8](repeating: 2, count: 512), name: [UInt8](repeating: 3, count: 64), now: group.now)
    let key = [UInt8](repeating: 4, count: 128)
    try group.cores[0].publish(key: key, value: [UInt8](repeating: 5, count: 768), now: group.now)
    group.run(for: .seconds(3))
    let id = try MemberID("n0")
    for number in 1...2 {
      #expect(group.cores[number].member(id)?.metadata == metadata)
      #expect(group.cores[number].record(of: id, key: key)?.value.count == 768)
      #expect(group.kinds(number).contains("broadcast"))
      #expect(try group.status(of: 0, at: number) == .alive)
    }
  }

  @Test("nodes with another label are refused by its error, and don't appear")
  func labels() throws {
    var blue = GossipConfiguration()
    blue.label = "blue"
    var group = try Group(2, configuration: blue)
    let stranger = try GossipCore(id: MemberID("x"), epoch: 1, address: Group.address(1), seed: 1, now: .zero)
    group.cores[1] = stranger
    var writer = WireWriter()
    var header = stranger.header
    header.kind = 1
    writer.header(header)
    #expect(
      #expect(throws: GossipError.self) {
        try group.cores[0].receive(packet: writer.bytes[...], from: Group.address(1), now: .zero)
      }?.code == .wrongLabel
    )
    group.join()
    group.run(for: .seconds(10))
    #expect(group.cores[0].presentCount == 1)
    #expect(group.cores[1].presentCount == 1)
    #expect(group.kinds(1).contains("joinFailed"))
  }

  @Test("configurations that contradict themselves are refused")
  func configurations() {
    let broken: [(inout GossipConfiguration) -> Void] = [
      { $0.packetBytes = 100 }, { $0.probing.timeout = .seconds(1) }, { $0.probing.interval = .zero },
      { $0.suspicion.confirmations = 4 }, { $0.spreading.fanout = 0 }, { $0.spreading.missProbability = 0 },
      { $0.synchronising.chunkBytes = 10 }, { $0.retention.dead = .zero }, { $0.limits.members = 1 },
      { $0.label = String(repeating: "x", count: 65) }, { $0.probing.healthLimit = 0 },
    ]
    for change in broken {
      var configuration = GossipConfiguration()
      change(&configuration)
      #expect(#expect(throws: GossipError.self) { try configuration.validate() }?.code == .invalidConfiguration)
    }
    for good in [GossipConfiguration.default, .fast, .wan] { #expect(throws: Never.self) { try good.validate() } }
  }

  @Test("a thousand updates in a second leave one rumour, and all see the last")
  func updates() throws {
    var group = try Group(3)
    group.join()
    group.run(for: .seconds(3))
    for turn in 0..<1000 {
      try group.cores[0].setMetadata([UInt8(turn & 0xFF), UInt8(turn >> 8)], now: group.now)
      #expect(group.cores[0].pendingRumours <= 4)
      group.run(for: .milliseconds(1))
    }
    group.run(for: .seconds(2))
    for number in 1...2 { #expect(group.cores[number].member(try MemberID("n0"))?.metadata == [0xE7, 3]) }
  }

  @Test("exchanges with nodes that always know something else become rarer, until one knows the same")
  func endlessDifferences() throws {
    var group = try Group(2)
    group.join()
    group.run(for: .seconds(3))
    func differ(_ group: inout Group) throws -> Int {
      let before = group.cores[0].statistics.exchanges
      for number in 1...80 {
        // As in a swarm where a hundred nodes come per second.
        try group.hear(Rumours(), at: 0, from: 1, digest: UInt64(number), count: 100)
        group.run(for: .milliseconds(50))
      }
      return group.cores[0].statistics.exchanges - before
    }
    group.isLost = { _, _ in true }
    // At once, and after 400, 800 and 1600 ms; without growing pauses it were twenty.
    #expect(try differ(&group) == 4)
    #expect(try differ(&group) <= 2)
    group.isLost = { _, _ in false }
    group.run(for: .seconds(10))
    group.isLost = { _, _ in true }
    #expect(try differ(&group) == 4)
  }

  @Test("more incoming streams than allowed are turned away")
  func streams() throws {
    var group = try Group(1)
    let streams = (0..<129).map { _ in group.cores[0].acceptStream(from: Group.address(1), now: .zero) }
    #expect(streams.prefix(128).allSatisfy { $0 != nil })
    #expect(streams[128] == nil)
    group.run(for: .seconds(11))
    #expect(group.cores[0].openExchanges == 0)
  }

  @Test("broadcasts beyond the limit are refused; a later one of the same name replaces an earlier one")
  func broadcasts() throws {
    var configuration = GossipConfiguration()
    configuration.limits.broadcasts = 10
    var group = try Group(2, configuration: configuration)
    group.join()
    for turn in 0..<20 { try group.cores[0].broadcast([UInt8(turn)], name: [7], now: group.now) }
    #expect(group.cores[0].broadcasts.waiting.count == 1)
    for turn in 0..<9 { try group.cores[0].broadcast([UInt8(turn)], now: group.now) }
    #expect(#expect(throws: GossipError.self) { try group.cores[0].broadcast([0], now: group.now) }?.code == .full)
    group.run(for: .seconds(5))
    #expect(group.kinds(1).filter { $0 == "broadcast" }.count == 10)
    #expect(group.events[1].contains(.broadcast(from: try MemberID("n0"), name: [7], payload: [19])))
    #expect(group.cores[0].broadcasts.waiting.isEmpty)
  }
}
