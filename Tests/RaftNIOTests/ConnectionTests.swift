// SPDX-License-Identifier: Apache-2.0

import Raft
import RaftNIO
import TestTraits
import Testing

/// What a node says about its connections, and what it keeps from others.
@Suite("Connections", .serialized, .takingTurns, .timeLimit(.minutes(5)))
struct ConnectionTests {
  @Test("connections that come and go are events")
  func comingAndGoing() async throws {
    let network = InProcessNetwork()
    let configure = { (configuration: inout RaftNodeConfiguration) in configuration.network = .inProcess(network) }
    let group = try TestGroup()
    try await group.startAll(3, configure: configure)
    var connected: Set<RaftEvent> = []
    try await group.wait { id, event in
      if id == RaftID(1), case .peerConnected = event { connected.insert(event) }
      return connected.count == 2
    }
    #expect(connected == [.peerConnected(RaftID(2)), .peerConnected(RaftID(3))])
    try await group.kill(3)
    try await group.wait { $0 == RaftID(1) && $1 == .peerDisconnected(RaftID(3), .closed) }
    try await group.start(3, configure: configure)
    try await group.wait { $0 == RaftID(1) && $1 == .peerConnected(RaftID(3)) }
    let told = try await group[1].withMachine { $0.events }
    #expect(told.allSatisfy { if case .peerConnected = $0 { false } else { true } }, "state machines hear of connections")
    try await group.stopAll()
  }

  @Test("through sockets a member that is gone is an event, too")
  func gone() async throws {
    let group = try TestGroup()
    try await group.startAll(3)
    try await group.wait { $0 == RaftID(1) && $1 == .peerConnected(RaftID(2)) }
    try await group.kill(2)
    try await group.wait { id, event in
      if id == RaftID(1), case .peerDisconnected(RaftID(2), _) = event { true } else { false }
    }
    try await group.stopAll()
  }

  @Test("a damaged frame is an event that names the member and the reason")
  func damagedFrame() async throws {
    let group = try TestGroup()
    let node = try await group.start(1, .bootstrap([[], []]))
    let address = try #require(try await node.listeningAddress())
    let unknownKind: [UInt8] = [4, 0, 0, 0, 1, 77, 0, 0]
    for sender in [nil, RaftID(2)] as [RaftID?] {
      let handshake = sender == nil ? PeerFrame.preamble : PeerFrame.preamble + RawPeer.handshake("tests", from: 2, to: 1)
      _ = try await RawPeer.talk(to: address, handshake + unknownKind)
      var reason = ""
      try await group.wait { _, event in
        guard case .connectionRefused(sender, let why) = event else { return false }
        reason = why
        return true
      }
      #expect(reason.contains("kind"))
    }
    try await group.wait { _, event in
      if case .peerDisconnected(RaftID(2), .damaged(let why)) = event { why.contains("kind") } else { false }
    }
    try await group.stop(1)
  }

  @Test("a member that isn't let in hears why")
  func refused() async throws {
    let group = try TestGroup()
    try await group.start(1, .bootstrap([[], []]))
    try await group.start(2, .bootstrap([[], []])) { $0.clusterID = "others" }
    try await group.wait { id, event in
      guard id == RaftID(2), case .peerDisconnected(RaftID(1), .refused(let why)) = event else { return false }
      return why.contains("this is cluster \"tests\"")
    }
    try await group.kill(2)
    try await group.stop(1)
  }

  #if os(Linux)
    @Test("programs that the process starts get none of a node's sockets")
    func notInherited() async throws {
      let group = try TestGroup()
      try await group.startAll(3)
      _ = try await group.nextLeader()
      _ = try await group.withLeader { try await $0.propose([1]) }
      let ports = [1, 2, 3].compactMap { group.port(of: $0) }
      let sockets = try OwnSocket.all(using: Set(ports))
      #expect(sockets.count { $0.isListening } == 3)
      // What is committed went over a connection with one follower at the least, both ends of which are here.
      #expect(sockets.count { !$0.isListening } >= 2)
      #expect(sockets.allSatisfy { !$0.isInherited })
      try await group.stopAll()
    }
  #endif
}
