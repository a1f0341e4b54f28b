// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import Raft
import RaftNIO
import Synchronization
import TestTraits
import Testing

@Suite("Transports", .serialized, .takingTurns, .timeLimit(.minutes(5)))
struct TransportTests {
  private func others(than leader: RaftNode<Ledger>) -> [UInt64] {
    [1, 2, 3].filter { RaftID($0) != leader.configuration.member }
  }

  /// Writes, loses the leader, writes again, and lets it catch up.
  private func exercise(_ group: TestGroup, configure: (inout RaftNodeConfiguration) -> Void) async throws {
    try await group.startAll(3, configure: configure)
    let leader = try await group.nextLeader()
    for number in 1...20 as ClosedRange<UInt8> { try await group.propose([number]) }
    let id = leader.configuration.member.rawValue
    try await group.kill(id)
    #expect(try await group.propose([21]).output == 21)
    try await group.start(id, configure: configure)
    let last = try await group.propose([22]).index
    for id in [1, 2, 3] as [UInt64] {
      #expect(try await group.commands(of: id, upTo: last) == (1...22).map { [$0] })
    }
    try await group.stopAll()
  }

  @Test("members in one process need no sockets")
  func inProcess() async throws {
    let network = InProcessNetwork()
    try await self.exercise(TestGroup()) { $0.network = .inProcess(network) }
  }

  @Test("a member in the same process that is far behind gets a snapshot")
  func inProcessSnapshot() async throws {
    let network = InProcessNetwork()
    let group = try TestGroup()
    let configure = { (configuration: inout RaftNodeConfiguration) in
      configuration.network = .inProcess(network)
      configuration.snapshots = .init(entries: 100)
    }
    try await group.startAll(3, configure: configure)
    let leader = try await group.nextLeader()
    let slow = self.others(than: leader)[0]
    try await group.propose([0])
    try await group.kill(slow)
    var last = LogIndex.zero
    for number in 1...300 { last = try await group.propose([UInt8](repeating: UInt8(number & 0xFF), count: 3000)).index }
    try await group.wait { id, event in
      guard id == leader.configuration.member, case .snapshotTaken(let position) = event else { return false }
      return position.index > LogIndex(200)
    }
    try await group.start(slow, configure: configure)
    let expected = try await group.commands(of: leader.configuration.member.rawValue, upTo: last)
    #expect(try await group.commands(of: slow, upTo: last) == expected)
    try await group.stopAll()
  }

  #if Security
    @Test("members with certificates of one authority talk over mutual TLS")
    func mutualTLS() async throws {
      let tls = try TestCertificates.ours
      try await self.exercise(TestGroup()) { $0.network = .mutualTLS(tls) }
    }

    @Test("a member with a certificate of another authority is not let in, and disturbs nobody")
    func foreignCertificate() async throws {
      let (ours, theirs) = (try TestCertificates.ours, try TestCertificates.theirs)
      let group = try TestGroup()
      let contexts = [[UInt8]](repeating: [], count: 3)
      try await group.start(1, .bootstrap(contexts)) { $0.network = .mutualTLS(ours) }
      try await group.start(2, .bootstrap(contexts)) { $0.network = .mutualTLS(ours) }
      try await group.start(3, .bootstrap(contexts)) { $0.network = .mutualTLS(theirs) }
      let leader = try await group.nextLeader()
      #expect(leader.configuration.member != RaftID(3))
      #expect(try await group.propose([1]).output == 1)
      #expect(try await group[3].status().commit == LogIndex(3))
      // Plain bytes get nothing from it, either.
      let address = try #require(try await leader.listeningAddress())
      _ = try await RawPeer.talk(to: address, PeerFrame.preamble + RawPeer.handshake("tests", from: 3, to: 1))
      #expect(try await group.propose([2]).output == 2)
      try await group.stopAll()
    }

    @Test("who isn't the member that was dialled is let go of")
    func wrongMember() async throws {
      let asked = AsyncStream.makeStream(of: RaftID.self)
      let verifying = try TestCertificates.verifying { member, _ in
        asked.continuation.yield(member.id)
        return member.id != RaftID(2)
      }
      let group = try TestGroup()
      let contexts = [[UInt8]](repeating: [], count: 2)
      try await group.start(1, .bootstrap(contexts)) { $0.network = .mutualTLS(verifying) }
      try await group.start(2, .bootstrap(contexts)) { $0.network = .mutualTLS(verifying) }
      // Member 1 never speaks to member 2 through a connection of its own, but member 2 has one to member 1.
      _ = try await group.nextLeader()
      #expect(try await group.propose([1]).output == 1)
      // It is dialled again and again, because no connection lasts.
      var times = 0
      for await id in asked.stream where id == RaftID(2) {
        times += 1
        if times == 3 { break }
      }
      try await group.stopAll()
    }
  #endif

  /// Bytes that nobody should send, and a word of the reason.
  static let damage: [(name: String, bytes: [UInt8], reason: String)] = [
    ("a length out of bounds", [0xFF, 0xFF, 0xFF, 0xFF] + [UInt8](repeating: 0, count: 60), "a frame claims"),
    ("a kind that isn't known", [4, 0, 0, 0, 1, 77, 0, 0], "kind"),
    ("another version", [4, 0, 0, 0, 9, 5, 0, 0], "format"),
    ("a message before the handshake", [10, 0, 0, 0, 1, 8, 0, 0, 2, 2, 4, 1, 6, 1], "before the handshake"),
    ("a handshake without end", [20, 0, 0, 0, 1, 128, 0, 0] + [UInt8](repeating: 0, count: 16), "cut off"),
  ]

  @Test("damaged frames end their connection with a reason, and nobody else's")
  func damagedFrames() async throws {
    let group = try TestGroup()
    // A leader that had to give up because the machine is busy would look like one that was hurt.
    try await group.startAll(3) { $0.raft.electionTimeout = .seconds(5) }
    let leader = try await group.nextLeader()
    let term = try await leader.status().term
    for (number, (name, bytes, reason)) in Self.damage.enumerated() {
      for id in [1, 2, 3] as [UInt64] {
        let address = try #require(try await group[id].listeningAddress())
        let answer = try await RawPeer.talk(to: address, bytes)
        #expect(String(decoding: answer, as: UTF8.self).contains(reason), "\(name)")
        // After a handshake in another member's name, too.
        let peer: UInt8 = id == 1 ? 2 : 1
        if number < 3 {
          let named = RawPeer.handshake("tests", from: peer, to: UInt8(id))
          let answer = try await RawPeer.talk(to: address, named + bytes)
          #expect(String(decoding: answer, as: UTF8.self).contains(reason), "\(name)")
        }
        _ = try await leader.propose([UInt8(id)])
      }
    }
    #expect(try await leader.status().term == term)
    try await group.stopAll()
  }
}
