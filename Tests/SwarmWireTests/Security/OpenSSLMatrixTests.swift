// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SwarmIdentity
internal import SwarmModel
internal import SwarmWire
internal import TestTraits
internal import Testing

/// What openssl's client gets from the port, with each kind of certificate, version and suite.
@Suite("The port, by openssl's account", .serialized, .takingTurns, .timeLimit(.minutes(2)))
struct OpenSSLMatrixTests {
  private static func connect(
    _ arguments: [String],
    showing credentials: NodeCredentials? = nil,
    cluster: TestCluster,
    hello: String = SClient.http2,
    acceptRaft: @escaping @Sendable (any Channel) -> EventLoopFuture<Void> = { $0.close() }
  ) async throws -> SClient.Outcome {
    var cluster = cluster
    var backend = ScriptedBackend()
    backend.onStanding = { $0 == Sample.stranger ? .stranger : .undecided }
    return try await withSecuredListener(
      backend,
      security: cluster.security(.manager, id: Sample.manager),
      acceptRaft: acceptRaft
    ) { listener in
      let directory = try TemporaryDirectory()
      let shown = try credentials.map { try SClient.showing($0, in: directory) } ?? []
      let root = try directory.write(cluster.state.caCert, to: "root.pem")
      return try await SClient.connect(to: listener, ["-CAfile", root] + shown + arguments, hello: hello)
    }
  }

  enum Shown: CaseIterable {
    case nothing, worker, manager, duringRotation, foreign, expired, notYetValid, foreignBeforeOurs

    var isAccepted: Bool { [.nothing, .worker, .manager, .duringRotation].contains(self) }

    func credentials(_ cluster: TestCluster) throws -> NodeCredentials? {
      var cluster = cluster
      switch self {
      case .nothing: return nil
      case .worker: return try cluster.node(.worker)
      case .manager: return try cluster.node(.manager)
      case .duringRotation:
        // Its chain has the cross-signed certificate of the next root in it.
        cluster.state = try CertificateAuthority.startRotation(of: cluster.state, now: WallClock.read(), using: &cluster.random)
        return try cluster.node(.worker)
      case .foreign:
        var other = try TestCluster(seed: 99)
        return try other.node(.manager)
      case .expired: return try cluster.node(.manager, age: .seconds(7_201))
      case .notYetValid: return try cluster.node(.manager, age: .seconds(-7_200))
      case .foreignBeforeOurs:
        // A certificate of ours in the chain vouches for nothing.
        var forger = try TestCluster(seed: 98)
        let worker = try cluster.node(.worker)
        let forged = try forger.node(.manager)
        return try NodeCredentials(chain: forged.chain + worker.chain, key: forged.key, trustRoots: cluster.roots)
      }
    }
  }

  @Test(
    "who shows a good certificate or none is served, everybody else is refused in the handshake",
    arguments: Shown.allCases,
    ["-tls1_2", "-tls1_3"]
  )
  func certificates(shown: Shown, version: String) async throws {
    let cluster = try TestCluster()
    let outcome = try await Self.connect([version], showing: shown.credentials(cluster), cluster: cluster)
    #expect(outcome.isAccepted == shown.isAccepted, "\(outcome.log)")
    if !shown.isAccepted { #expect(outcome.log.contains("alert"), "\(outcome.log)") }
    if shown == .expired { #expect(outcome.log.contains("alert certificate expired"), "\(outcome.log)") }
    if shown == .foreign { #expect(outcome.log.contains("alert unknown ca"), "\(outcome.log)") }
  }

  @Test("old versions are refused", arguments: ["-tls1_1", "-tls1"])
  func versions(version: String) async throws {
    let outcome = try await Self.connect([version, "-cipher", "ALL:@SECLEVEL=0"], cluster: TestCluster())
    #expect(!outcome.isAccepted)
    #expect(outcome.log.contains("alert protocol version"), "\(outcome.log)")
  }

  @Test(
    "weak suites are refused",
    arguments: [
      "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA384",
      "AES128-GCM-SHA256",
      "AES256-SHA", "DHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-NULL-SHA", "NULL", "aNULL",
    ]
  )
  func weakSuites(suite: String) async throws {
    let outcome = try await Self.connect(["-tls1_2", "-cipher", "\(suite):@SECLEVEL=0"], cluster: TestCluster())
    #expect(!outcome.isAccepted)
    #expect(outcome.log.contains("alert handshake failure"), "\(outcome.log)")
  }

  @Test(
    "the suites that SwarmKit allows are spoken",
    arguments: [
      ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"], ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"],
      ["-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"], ["-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"],
      ["-tls1_3", "-ciphersuites", "TLS_AES_256_GCM_SHA384"], ["-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"],
    ]
  )
  func goodSuites(arguments: [String]) async throws {
    let outcome = try await Self.connect(arguments, cluster: TestCluster())
    #expect(outcome.isAccepted, "\(outcome.log)")
    #expect(outcome.log.contains(arguments[2]), "\(outcome.log)")
  }

  @Test(
    "the manager's certificate has all names by which nodes call it",
    arguments: ["swarm-manager", "swarm-ca", "\(Sample.manager)"]
  )
  func names(name: String) async throws {
    let good = try await Self.connect(["-verify_return_error", "-verify_hostname", name], cluster: TestCluster())
    #expect(good.isAccepted && good.log.contains("Verification: OK"), "\(good.log)")
  }

  @Test("and no others")
  func otherNames() async throws {
    let bad = try await Self.connect(["-verify_return_error", "-verify_hostname", "swarm-worker"], cluster: TestCluster())
    #expect(!bad.isAccepted)
  }

  @Test("the client is told whose certificates count, and h2 is agreed on when it is offered")
  func negotiation() async throws {
    let offered = try await Self.connect(["-alpn", "h2"], cluster: TestCluster())
    #expect(offered.isAccepted && offered.log.contains("ALPN protocol: h2"), "\(offered.log)")
    #expect(offered.log.contains("Acceptable client certificate CA names\nCN = swarm-ca"), "\(offered.log)")
    let silent = try await Self.connect([], cluster: TestCluster())
    #expect(silent.isAccepted && silent.log.contains("No ALPN negotiated"), "\(silent.log)")
  }

  enum Peer: CaseIterable {
    case nobody, worker, manager, removed, otherCluster
  }

  @Test("Raft is spoken with managers of this cluster alone", arguments: Peer.allCases)
  func raft(peer: Peer) async throws {
    var cluster = try TestCluster()
    let credentials: NodeCredentials? =
      switch peer {
      case .nobody: nil
      case .worker: try cluster.node(.worker)
      case .manager: try cluster.node(.manager)
      case .removed: try cluster.node(.manager, id: Sample.stranger)
      case .otherCluster: try cluster.node(.manager, cluster: ClusterID())
      }
    // Whoever gets through sees its own bytes again: here a SETTINGS frame.
    let outcome = try await Self.connect(["-alpn", "swarm-raft/1"], showing: credentials, cluster: cluster) { channel in
      channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Echo()) }
    }
    #expect(outcome.log.contains("ALPN protocol: swarm-raft/1"), "\(outcome.log)")
    #expect(outcome.isAccepted == (peer == .manager), "\(outcome.log)")
  }

  @Test("a session is resumed, but not across a change of credentials", arguments: ["-tls1_2", "-tls1_3"])
  func resumption(version: String) async throws {
    var cluster = try TestCluster()
    let security = try cluster.security(.manager, id: Sample.manager)
    let directory = try TemporaryDirectory()
    let session = "\(directory.path)/session"
    let shown = try SClient.showing(cluster.node(.worker), in: directory)
    try await withSecuredListener(ScriptedBackend(), security: security) { listener in
      let first = try await SClient.connect(to: listener, [version, "-sess_out", session] + shown)
      #expect(first.isAccepted && first.log.contains("New, "), "\(first.log)")
      let second = try await SClient.connect(to: listener, [version, "-sess_in", session] + shown)
      #expect(second.isAccepted && second.log.contains("Reused, "), "\(second.log)")
      try security.replace(with: cluster.node(.manager, id: Sample.manager))
      let third = try await SClient.connect(to: listener, [version, "-sess_in", session] + shown)
      #expect(third.isAccepted && third.log.contains("New, "), "\(third.log)")
    }
  }
}

extension Sample {
  /// A node that the cluster doesn't know any more.
  static let stranger = NodeID(String(repeating: "x", count: 25)) ?? NodeID()
}
