// SPDX-License-Identifier: Apache-2.0

import SwarmIdentity
import SwarmModel
import Testing

@Suite("Who is let in")
struct AdmissionTests {
  private let key = NodeKey()
  private var test: TestAuthority

  init() throws {
    self.test = try TestAuthority()
  }

  private func decide(
    token: String = "",
    caller: PeerIdentity? = nil,
    nodes: [Node] = [],
    now: Timestamp = TestAuthority.now
  ) throws -> AdmissionRule.Decision {
    let csr = try self.key.certificateRequest()
    return AdmissionRule().decide(
      csr,
      try CertificateRequest(pem: csr),
      token: token,
      caller: caller,
      tokens: self.test.state.joinTokens,
      nodes: nodes,
      now: now
    )
  }

  @Test("the token alone makes the role of a newcomer")
  func tokens() throws {
    let tokens = self.test.state.joinTokens
    #expect(try self.decide(token: tokens.worker) == .newcomer(.worker))
    #expect(try self.decide(token: tokens.manager) == .newcomer(.manager))
    #expect(try self.decide(token: String(tokens.manager.dropLast())) == .refused)
    #expect(try self.decide() == .refused)
  }

  @Test("who shows a certificate is that node, whatever token it sends: a worker doesn't become a manager by a token")
  func members() throws {
    let worker = PeerIdentity(role: .worker, nodeID: TestAuthority.node, clusterID: TestAuthority.cluster)
    #expect(try self.decide(caller: worker) == .member(TestAuthority.node))
    #expect(try self.decide(token: self.test.state.joinTokens.manager, caller: worker) == .member(TestAuthority.node))
  }

  @Test("the same request is answered once: it makes no second node")
  func replay() throws {
    let csr = try self.key.certificateRequest()
    let request = try CertificateRequest(pem: csr)
    func decide(_ state: IssuanceStatus.State) -> AdmissionRule.Decision {
      let certificate = NodeCertificate(csr: csr, status: IssuanceStatus(state: state))
      return AdmissionRule().decide(
        csr,
        request,
        token: self.test.state.joinTokens.worker,
        caller: nil,
        tokens: self.test.state.joinTokens,
        nodes: [Node(id: TestAuthority.node, certificate: certificate)],
        now: TestAuthority.now
      )
    }
    #expect(decide(.issued) == .answered(TestAuthority.node))
    #expect(decide(.failed) == .newcomer(.worker))
  }

  @Test("a node comes back by the key of its expired certificate, and by nobody else's")
  func returning() throws {
    var test = self.test
    let mine = try test.issue(.worker, key: self.key)
    let other = try test.issue(.worker)
    func node(_ credentials: NodeCredentials) -> Node {
      Node(id: TestAuthority.node, certificate: NodeCertificate(certificate: credentials.chain))
    }
    let later = mine.facts.notAfter + .seconds(60)
    #expect(try self.decide(nodes: [node(mine)], now: later) == .member(TestAuthority.node))
    #expect(try self.decide(nodes: [node(other)], now: later) == .refused)
    #expect(try self.decide(nodes: [node(mine)], now: mine.facts.notAfter) == .refused)
    #expect(try self.decide(token: "SWMTKN-1-wrong", nodes: [node(mine)], now: later) == .refused)
  }
}
