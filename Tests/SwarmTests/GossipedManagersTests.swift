// SPDX-License-Identifier: Apache-2.0

import SwarmModel
import Testing

@testable import Gossip
@testable import Swarm

@Suite("What gossip says of managers")
struct GossipedManagersTests {
  private static let worker = "worker000000000000000000a"
  private static let first = "manager00000000000000000a"
  private static let second = "manager00000000000000000b"

  private func member(
    _ name: String,
    _ role: NodeRole,
    at number: UInt32,
    address: String = "",
    status: GossipMember.Status = .alive
  ) throws -> GossipMember {
    GossipMember(
      id: try MemberID(name),
      epoch: 1,
      incarnation: 0,
      address: GossipAddress(ipv4: 0x7F00_0000 + number, port: 7946),
      metadata: GossipNote(role: role, address: address).encoded(),
      status: status
    )
  }

  @Test("workers that come and go are no news of managers")
  func workers() throws {
    var managers = GossipedManagers()
    let isNews = try [
      self.member(Self.first, .manager, at: 1, address: "127.0.0.1:2377"),
      self.member(Self.worker, .worker, at: 2),
      self.member(Self.worker, .worker, at: 2, status: .dead),
    ].map { managers.hear(of: $0) }
    #expect(isNews == [true, false, false])
    #expect(managers.seeds == ["127.0.0.1:7946"])
  }

  @Test("a manager is news when it comes, moves and goes, and only then")
  func life() throws {
    let id = try #require(NodeID(Self.first))
    var managers = GossipedManagers()
    let isNews = try [
      self.member(Self.first, .manager, at: 1, address: "127.0.0.1:2377"),
      self.member(Self.first, .manager, at: 1, address: "127.0.0.1:2377", status: .suspect),
      self.member(Self.first, .manager, at: 3, address: "127.0.0.3:2377"),
    ].map { managers.hear(of: $0) }
    #expect(isNews == [true, false, true])
    #expect(managers.addresses == [id: "127.0.0.3:2377"])
    #expect(managers.seeds == ["127.0.0.3:7946"])
    let leaves = try managers.hear(of: self.member(Self.first, .manager, at: 3, address: "127.0.0.3:2377", status: .left))
    #expect(leaves)
    #expect(managers == GossipedManagers())
  }

  @Test("a demoted manager, one without an address and one that talks nonsense are none")
  func noManagers() throws {
    var stranger = try self.member(Self.second, .manager, at: 2, address: "127.0.0.2:2377")
    stranger.metadata = [0xFF, 0xFF, 0xFF]
    var managers = GossipedManagers()
    let isNews = try [
      self.member(Self.first, .manager, at: 1, address: "127.0.0.1:2377"),
      self.member(Self.first, .worker, at: 1),
      self.member(Self.second, .manager, at: 2),
      stranger,
    ].map { managers.hear(of: $0) }
    #expect(isNews == [true, true, false, false])
    #expect(managers.addresses.isEmpty)
  }
}
