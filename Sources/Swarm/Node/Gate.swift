// SPDX-License-Identifier: Apache-2.0

internal import SwarmIdentity
internal import SwarmModel
internal import SwarmWire

/// The way into a swarm: asks the managers that a joining node was given, and the leader that they name, until one lets it in.
struct Gate {
  let remotes: [String]
  let token: JoinToken
  /// How long to look for a leader.
  let patience: Duration
  let clock: NodeClock

  /// Gets this node a certificate.
  ///
  /// Three connections: one to a manager that can't be verified, for the root certificates, which the token vouches for; one to a manager that
  /// those verify, for the certificate; the next ones are the node's.
  ///
  /// - Throws: `invalidArgument` when the token isn't right, `permissionDenied` when the manager isn't the one that the token speaks of,
  ///   `unavailable` when nobody answers.
  func enter(availability: NodeSpec.Availability) async throws -> NodeCredentials {
    let roots = try await self.roots()
    let key = NodeKey()
    let csr = try key.certificateRequest()
    return try await self.ask(.joining(roots)) { manager in
      let application = CertificateApplication(csr: csr, token: self.token.text, availability: availability)
      let id = try await manager.issueCertificate(application)
      return try await Self.fetch(id, csr: csr, key: key, roots: roots, from: manager, now: self.clock.time)
    }
  }

  /// Gets this manager into the Raft group.
  func joinRaft(_ identity: NodeIdentity, security: NodeSecurity) async throws -> RaftJoin {
    try await self.ask(.mutual(security)) {
      try await $0.joinRaft(node: identity.nodeID, address: identity.advertiseAddress)
    }
  }

  /// Takes the certificate that a manager issued, if it is what was asked for.
  static func fetch(
    _ id: NodeID,
    csr: [UInt8],
    key: NodeKey,
    roots: TrustRoots,
    from manager: ManagerClient,
    now: Timestamp
  ) async throws -> NodeCredentials {
    let certificate = try await self.certificate(of: id, from: manager)
    guard certificate.status.state == .issued || certificate.status.state == .rotate, certificate.csr == csr else {
      throw SwarmError(code: .unavailable, message: "\(manager.address) hasn't issued the certificate")
    }
    let identity = try await roots.verify(chain: certificate.certificate, now: now)
    guard identity.nodeID == id else {
      throw SwarmError(code: .permissionDenied, message: "\(manager.address) issued a certificate for another node")
    }
    return try NodeCredentials(chain: certificate.certificate, key: key, trustRoots: roots)
  }

  /// Waits for a certificate: SwarmKit's managers don't answer before it is there, and a busy one may take longer than a call may.
  private static func certificate(of id: NodeID, from manager: ManagerClient) async throws -> NodeCertificate {
    for _ in 1..<6 {
      do {
        return try await manager.certificate(of: id)
      } catch let error as SwarmError {
        guard error.code == .deadlineExceeded else { throw error }
      }
    }
    return try await manager.certificate(of: id)
  }

  private func roots() async throws -> TrustRoots {
    try await self.ask(.unverified) { manager in
      let pem = try await manager.rootCertificates()
      guard self.token.vouches(forRoots: pem) else {
        let expected = self.token.rootDigest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        throw SwarmError(
          code: .permissionDenied,
          message: "remote CA does not match fingerprint. Expected: \(expected)"
        )
      }
      return try TrustRoots(pem: pem)
    }
  }

  private func ask<Answer: Sendable>(
    _ security: ClientSecurity,
    _ body: (ManagerClient) async throws -> Answer
  ) async throws -> Answer {
    do {
      return try await LeaderSearch(addresses: self.remotes, patience: self.patience, clock: self.clock).ask(security, body)
    } catch let error as SwarmError where error.code == .unavailable {
      // Docker's words, up to what it does then: it goes on in the background.
      var timeout = error
      timeout.message = "Timeout was reached before node joined. The attempt is given up: \(error.message)"
      throw timeout
    }
  }
}
