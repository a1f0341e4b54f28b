// SPDX-License-Identifier: Apache-2.0
import SwarmControl
import SwarmModel
import Testing

@Suite("RoleStep")
struct RoleStepTests {
  private static let ids: [NodeID] = ["a", "b", "c", "d"].map(LogEntryTests.id)

  /// A swarm of managers and workers, each with the role that is wanted and the one that it has.
  private func store(_ roles: [(wanted: NodeRole, has: NodeRole)]) -> Store {
    var fixture = StoreFixture()
    fixture.apply([.putCluster(Cluster(id: LogEntryTests.id("c")))])
    for (id, role) in zip(Self.ids, roles) {
      fixture.apply([.putNode(Node(id: id, spec: NodeSpec(desiredRole: role.wanted), role: role.has))])
    }
    return fixture.store
  }

  /// The consensus group: which nodes belong to it; the first one leads.
  private func members(_ indices: [Int], unreachable: Set<Int> = []) -> [ManagerObservation] {
    indices.enumerated().map { position, index in
      ManagerObservation(
        node: Self.ids[index],
        raftID: UInt64(index + 1),
        address: "h:\(index)",
        isLeader: position == 0,
        reachability: unreachable.contains(index) ? .unreachable : .reachable
      )
    }
  }

  @Test("who is wanted as a manager is one at once")
  func promotion() {
    let store = self.store([(.manager, .manager), (.manager, .worker), (.worker, .worker)])
    #expect(RoleStep.next(in: store, members: self.members([0])) == [.grant(Self.ids[1], .manager)])
  }

  @Test("who is wanted as a worker leaves the group first")
  func demotion() {
    let store = self.store([(.manager, .manager), (.worker, .manager), (.manager, .manager)])
    #expect(RoleStep.next(in: store, members: self.members([0, 1, 2])) == [.remove(Self.ids[1], raftID: 2)])
    #expect(RoleStep.next(in: store, members: self.members([0, 2])) == [.grant(Self.ids[1], .worker)])
  }

  @Test("a leader that is to go hands over")
  func leader() {
    let store = self.store([(.worker, .manager), (.manager, .manager)])
    #expect(RoleStep.next(in: store, members: self.members([0, 1])) == [.handOver])
  }

  @Test("nobody is taken out of the group whom the others need for their quorum")
  func quorum() {
    let store = self.store([(.manager, .manager), (.worker, .manager), (.manager, .manager)])
    #expect(RoleStep.next(in: store, members: self.members([0, 1, 2], unreachable: [2])) == [])
    #expect(RoleStep.next(in: store, members: self.members([0, 1, 2], unreachable: [1])) == [.remove(Self.ids[1], raftID: 2)])
  }

  @Test("a member whose node is gone, or that came too late, is taken out of the group")
  func strangers() {
    let store = self.store([(.manager, .manager), (.worker, .worker)])
    #expect(RoleStep.next(in: store, members: self.members([0, 1])) == [.remove(Self.ids[1], raftID: 2)])
    #expect(RoleStep.next(in: store, members: self.members([0, 3])) == [.remove(Self.ids[3], raftID: 4)])
    // One at a time.
    #expect(RoleStep.next(in: store, members: self.members([0, 1, 3])) == [.remove(Self.ids[1], raftID: 2)])
  }

  @Test("before the swarm is written down nothing is done")
  func empty() {
    #expect(RoleStep.next(in: Store(), members: self.members([0])) == [])
  }
}

@Suite("RootMove")
struct RootMoveTests {
  private func store(_ nodes: [(issuer: UInt8, state: IssuanceStatus.State)]) -> Store {
    var fixture = StoreFixture()
    for (number, node) in nodes.enumerated() {
      var description = NodeDescription(hostname: "n\(number)")
      description.tlsInfo = NodeTLSInfo(certIssuerSubject: [9], certIssuerPublicKey: [node.issuer])
      fixture.apply([
        .putNode(
          Node(
            id: fixture.ids.make(),
            description: description,
            certificate: NodeCertificate(csr: [1], status: IssuanceStatus(state: node.state))
          )
        )
      ])
    }
    return fixture.store
  }

  @Test("nodes are told few at a time, and the move is over when all have moved")
  func fewAtATime() {
    let many = Array(repeating: (issuer: 1 as UInt8, state: IssuanceStatus.State.issued), count: 40)
    let first = RootMove(in: self.store(many), issuerName: [9], issuerKey: [2])
    #expect(first.toTell.count == RootMove.atOnce)
    #expect(first.toTell.allSatisfy { $0.certificate?.status.state == .rotate && $0.certificate?.csr == [1] })
    #expect(first.remaining == 40 && !first.isOver)
    let some = RootMove(
      in: self.store(Array(repeating: (1, .rotate), count: 29) + Array(repeating: (1, .issued), count: 5) + [(2, .issued)]),
      issuerName: [9],
      issuerKey: [2]
    )
    #expect(some.toTell.count == 1 && some.remaining == 34)
    #expect(RootMove(in: self.store([(2, .issued), (2, .issued)]), issuerName: [9], issuerKey: [2]).isOver)
    #expect(!RootMove(in: self.store([(2, .issued)]), issuerName: [8], issuerKey: [2]).isOver)
  }
}
