// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import SwarmControl
internal import SwarmIdentity
internal import SwarmModel
internal import SwarmWire
internal import Synchronization

/// The swarm's certificate authority: the leader signs, the log remembers.
extension Manager {
  func standing(of node: NodeID) -> NodeStanding {
    let store = self.board.store
    guard store.cluster != nil else { return .undecided }
    guard let node = store.node(node), node.spec.membership == .accepted else { return .stranger }
    return .member(node.spec.desiredRole)
  }

  func rootCertificates() async throws -> [UInt8] {
    // What this manager trusts itself, until it knows better.
    let roots = self.board.store.cluster?.rootCA.caCert ?? []
    return roots.isEmpty ? self.certificates.credentials.trustRoots.pem : roots
  }

  func unlockKey() async throws -> (key: [UInt8], version: Version) {
    guard let cluster = self.board.store.cluster else { throw SwarmError.noLeader }
    return (try cluster.unlockKey?.bytes ?? [], cluster.meta.version)
  }

  func certificate(of node: NodeID) async throws -> NodeCertificate {
    let isLeader = self.leadership.withLock(\.isLeader)
    let store = isLeader ? self.board.store : try await self.read()
    guard let certificate = store.node(node)?.certificate else {
      throw SwarmError(code: .notFound, message: "node \(node) has asked for no certificate")
    }
    return certificate
  }

  func issueCertificate(_ application: CertificateApplication) async throws -> NodeID {
    let (isLeader, leader) = self.leadership.withLock { ($0.isLeader, $0.leader) }
    if !isLeader, let leader, application.caller == nil, !application.isForwarded {
      // Who isn't a node yet may know no other manager.
      var application = application
      application.isForwarded = true
      return try await self.peers.connection(to: leader.address).issueCertificate(application)
    }
    try self.requireLeadership()
    let now = self.clock.now
    guard application.caller != nil || self.wrongTokens.withLock({ $0.allows(application.address, now: now) }) else {
      throw SwarmError(
        code: .unavailable,
        message: "too many wrong join tokens came from \(application.address); try again later"
      )
    }
    let request = try CertificateRequest(pem: application.csr)
    let store = self.board.store
    guard let cluster = store.cluster else { throw self.notLeading }
    let decision = AdmissionRule().decide(
      application.csr,
      request,
      token: application.token,
      caller: application.caller,
      tokens: cluster.rootCA.joinTokens,
      nodes: store.nodes(),
      now: self.clock.time
    )
    switch decision {
    case .refused: throw self.refusedToken(from: application.address)
    case .answered(let id): return id
    case .newcomer(.manager) where !application.canManage:
      throw SwarmError(
        code: .failedPrecondition,
        message: "a Docker Engine can't be a manager of this swarm: join it with the token for workers"
      )
    case .newcomer(let role):
      var ids = IdentifierGenerator(seed: .random(in: 0 ... .max))
      let identity = PeerIdentity(role: role, nodeID: ids.make(), clusterID: cluster.id)
      let certificate = try self.certificate(for: identity, request, application, cluster)
      return try await self.store(
        .registerNode(
          NodeRegistration(
            id: identity.nodeID,
            role: role,
            availability: application.availability,
            certificate: certificate
          )
        )
      )
    case .member(let id):
      guard let node = store.node(id) else { throw self.refusedToken(from: application.address) }
      let identity = PeerIdentity(role: node.role, nodeID: id, clusterID: cluster.id)
      return try await self.store(.certifyNode(id, self.certificate(for: identity, request, application, cluster)))
    }
  }

  private func certificate(
    for identity: PeerIdentity,
    _ request: CertificateRequest,
    _ application: CertificateApplication,
    _ cluster: Cluster
  ) throws(SwarmError) -> NodeCertificate {
    var random = SystemRandomNumberGenerator()
    let chain = try CertificateAuthority(cluster.rootCA).issue(
      request,
      for: identity,
      validity: cluster.spec.caConfig.nodeCertExpiry,
      now: self.clock.time,
      using: &random
    )
    return NodeCertificate(
      role: identity.role,
      csr: application.csr,
      status: IssuanceStatus(state: .issued),
      certificate: chain,
      cn: identity.nodeID.description
    )
  }

  private func store(_ request: ControlRequest) async throws -> NodeID {
    guard case .node(let id, _) = try await self.submit(request) else {
      throw SwarmError(code: .internalError, message: "the registration had an answer that doesn't fit")
    }
    return id
  }

  /// SwarmKit's answer to who isn't let in; counted, and told in the log without the token.
  private func refusedToken(from address: String) -> SwarmError {
    let now = self.clock.now
    if self.wrongTokens.withLock({ $0.noteWrongToken(from: address, now: now) }) {
      self.logger.warning("too many wrong join tokens", metadata: ["from": "\(address)"])
    } else {
      self.logger.info("a wrong join token was refused", metadata: ["from": "\(address)"])
    }
    return SwarmError(code: .invalidArgument, message: "A valid join token is necessary to join this cluster")
  }
}
