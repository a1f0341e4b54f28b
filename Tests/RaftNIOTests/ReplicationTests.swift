// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import Raft
import RaftNIO
import TestTraits
import Testing

@Suite("Several nodes", .serialized, .takingTurns, .timeLimit(.minutes(5)))
struct ReplicationTests {
  private func others(than leader: RaftNode<Ledger>) -> [UInt64] {
    [1, 2, 3].filter { RaftID($0) != leader.configuration.member }
  }

  @Test("three members hold the same commands, and followers name their leader")
  func replication() async throws {
    let group = try TestGroup()
    try await group.startAll(3)
    _ = try await group.nextLeader()
    var last = LogIndex.zero
    for number in 1...50 as ClosedRange<UInt8> { last = try await group.propose([number]).index }
    for id in [1, 2, 3] as [UInt64] {
      #expect(try await group.commands(of: id, upTo: last) == (1...50).map { [$0] })
    }
    let leader = try await group.leader()
    let follower = try group[self.others(than: leader)[0]]
    let error = await #expect(throws: RaftError.self) { _ = try await follower.propose([1]) }
    #expect(error?.code == .notLeader)
    #expect(error?.leaderMember?.id == leader.configuration.member)
    try await group.stopAll()
  }

  @Test("after the leader is gone the next write goes through", arguments: [false, true])
  func leaderLoss(isKilled: Bool) async throws {
    let group = try TestGroup()
    try await group.startAll(3)
    let leader = try await group.nextLeader()
    try await group.propose([1])
    let id = leader.configuration.member.rawValue
    if isKilled { try await group.kill(id) } else { try await group.stop(id) }
    let next = try await group.nextLeader()
    #expect(next !== leader)
    #expect(try await group.propose([2]).output == 2)
    // The one that went catches up when it is back.
    try await group.start(id)
    let last = try await group.propose([3]).index
    #expect(try await group.commands(of: id, upTo: last) == [[1], [2], [3]])
    try await group.stopAll()
  }

  @Test("a member that is far behind gets a snapshot")
  func farBehind() async throws {
    let group = try TestGroup()
    try await group.startAll(3) { $0.snapshots = .init(entries: 200) }
    let leader = try await group.nextLeader()
    let slow = self.others(than: leader)[0]
    try await group.propose([0])
    try await group.kill(slow)
    var last = LogIndex.zero
    for number in 1...600 { last = try await group.propose([UInt8](repeating: UInt8(number & 0xFF), count: 3000)).index }
    try await group.wait { id, event in
      if id == leader.configuration.member, case .snapshotTaken(let position) = event {
        position.index > LogIndex(400)
      } else {
        false
      }
    }
    try await group.start(slow)
    try await group.wait { id, event in
      if id == RaftID(slow), case .snapshotRestored = event { true } else { false }
    }
    let expected = try await group.commands(of: leader.configuration.member.rawValue, upTo: last)
    #expect(try await group.commands(of: slow, upTo: last) == expected)
    // What it got lasts.
    try await group.kill(slow)
    try await group.start(slow)
    #expect(try await group.commands(of: slow, upTo: last) == expected)
    try await group.stopAll()
  }

  @Test("a member behind what memory holds is served from the log")
  func behindMemory() async throws {
    let group = try TestGroup()
    try await group.startAll(3)
    let leader = try await group.nextLeader()
    let slow = self.others(than: leader)[0]
    try await group.kill(slow)
    var last = LogIndex.zero
    for number in 0..<300 { last = try await group.propose([UInt8](repeating: UInt8(number & 0xFF), count: 1500)).index }
    try await group.start(slow)
    #expect(try await group.commands(of: slow, upTo: last).count == 300)
    try await group.stopAll()
  }

  @Test("a group of one grows to three and lets its first member go")
  func membership() async throws {
    let group = try TestGroup()
    let first = try await group.start(1, .bootstrap())
    _ = try await group.nextLeader()
    _ = try await first.propose([1])
    var ids: [UInt64] = []
    for _ in 0..<2 {
      let added = try await group.change(.addVoter(context: []), through: first)
      ids.append(added.0.rawValue)
      try await group.start(added.0.rawValue, .join)
      // Settled: it has caught up and votes.
      try await group.wait { id, event in
        if case .membershipChanged(let membership) = event, id == added.0, !membership.isJoint {
          membership[id]?.role == .voter
        } else {
          false
        }
      }
    }
    let last = try await group.propose([2]).index
    for id in ids { #expect(try await group.commands(of: id, upTo: last) == [[1], [2]]) }

    try await first.transferLeadership(to: RaftID(ids[0]))
    let second = try group[ids[0]]
    #expect(try await group.propose([3]).output == 3)
    let removed = try await group.change(.remove(RaftID(1)), through: second)
    #expect(removed.1.members.map(\.id.rawValue) == ids)
    try await group.stop(1)
    #expect(try await group.propose([4]).output == 4)
    try await group.stopAll()
  }

  @Test("a linearizable read on a follower sees what was acknowledged")
  func reads() async throws {
    let group = try TestGroup()
    try await group.startAll(3)
    _ = try await group.nextLeader()
    for number in 1...20 as ClosedRange<UInt8> {
      try await group.propose([number])
      let follower = self.others(than: try await group.leader())[1]
      try await group.readIndex(of: follower)
      #expect(try await group[follower].withMachine { $0.commands } == (1...number).map { [$0] })
    }
    try await group.stopAll()
  }

  @Test("channels that come from a listener of the host are taken, with and without preamble")
  func handedIn() async throws {
    let group = try TestGroup()
    let node = try await group.start(1, .bootstrap()) { $0.listen = nil }
    _ = try await group.nextLeader()
    let listener = try await ServerBootstrap(group: node.eventLoop)
      .childChannelInitializer { node.accept($0) }
      .bind(host: "127.0.0.1", port: 0)
      .get()
    let address = try #require(listener.localAddress)
    let refusal = try await RawPeer.talk(
      to: address,
      [UInt8]("SWRAFT".utf8) + [0, 1] + RawPeer.handshake("others", from: 2, to: 1)
    )
    #expect(String(decoding: refusal, as: UTF8.self).contains("this is cluster"))
    let wrongMember = try await RawPeer.talk(to: address, RawPeer.handshake("tests", from: 2, to: 3))
    #expect(String(decoding: wrongMember, as: UTF8.self).contains("this is member 1"))
    let noise = try await RawPeer.talk(to: address, [UInt8](repeating: 0xFF, count: 64))
    #expect(String(decoding: noise, as: UTF8.self).contains("a frame claims"))
    try await listener.close()
    try await group.stop(1)
  }
}
