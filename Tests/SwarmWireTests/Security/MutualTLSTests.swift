// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmIdentity
internal import SwarmModel
internal import SwarmWire
internal import Synchronization
internal import TestTraits
internal import Testing

@Suite("Calls over mutual TLS", .serialized, .takingTurns, .timeLimit(.minutes(1)))
struct MutualTLSTests {
  private static func heartbeat(_ listener: SwarmListener, _ security: ClientSecurity, as node: NodeID? = nil) async throws
    -> Duration
  {
    try await ManagerClient.withConnection(
      to: listener.address,
      as: node,
      security: security,
      on: group,
      configuration: patient
    ) { try await $0.heartbeat(node: node ?? Sample.node, session: Sample.session) }
  }

  private static func expectHeartbeat(_ listener: SwarmListener, _ security: ClientSecurity) async throws {
    let period = try await Self.heartbeat(listener, security)
    #expect(period == .seconds(1))
  }

  private static func code(_ body: () async throws -> Duration) async -> SwarmError.Code? {
    do {
      _ = try await body()
      return nil
    } catch {
      return (error as? SwarmError)?.code
    }
  }

  @Test("the caller is who its certificate says, whatever it says itself")
  func spoofing() async throws {
    var cluster = try TestCluster()
    var backend = ScriptedBackend()
    backend.onHeartbeat = { node, _ in
      #expect(node == Sample.node)
      return .seconds(1)
    }
    let mine = try cluster.security(.worker)
    try await withSecuredListener(backend, security: cluster.security(.manager, id: Sample.manager)) { listener in
      let period = try await Self.heartbeat(listener, .mutual(mine), as: Sample.manager)
      #expect(period == .seconds(1))
    }
  }

  @Test("who listens with a worker's certificate, or one of another cluster, is taken for no manager", arguments: [true, false])
  func impostors(isWorker: Bool) async throws {
    var cluster = try TestCluster()
    var other = try TestCluster(seed: 99)
    var backend = ScriptedBackend()
    backend.onHeartbeat = { _, _ in .seconds(1) }
    let mine = try cluster.security(.worker)
    let shown = isWorker ? try cluster.security(.worker, id: Sample.manager) : try other.security(.manager, id: Sample.manager)
    try await withSecuredListener(backend, security: shown) { listener in
      for security in [.mutual(mine), .joining(mine.credentials.trustRoots)] as [ClientSecurity] {
        let code = await Self.code { try await Self.heartbeat(listener, security) }
        #expect(code == .unavailable, "\(String(describing: code))")
      }
    }
  }

  @Test("a listener on IPv6 knows its callers too")
  func ipv6() async throws {
    var cluster = try TestCluster()
    var backend = ScriptedBackend()
    backend.onHeartbeat = { _, _ in .seconds(1) }
    let mine = try cluster.security(.worker)
    let port = SwarmListener.Configuration(host: "::1", port: 0)
    try await withSecuredListener(backend, security: cluster.security(.manager, id: Sample.manager), configuration: port) {
      listener in
      try await Self.expectHeartbeat(listener, .mutual(mine))
    }
  }

  @Test("many callers at once are never taken for each other")
  func noConfusion() async throws {
    var cluster = try TestCluster()
    var backend = ScriptedBackend()
    backend.onHeartbeat = { node, session in
      #expect("\(node)" == "\(session)")
      return .seconds(1)
    }
    let nodes = try (0..<20).map { _ in
      let id = cluster.random.make(NodeID.self)
      return (id, try cluster.security(.worker, id: id))
    }
    try await withSecuredListener(backend, security: cluster.security(.manager, id: Sample.manager)) { listener in
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        for (id, security) in nodes {
          tasks.addTask {
            let session = try #require(SessionID("\(id)"))
            for _ in 0..<3 {
              try await ManagerClient.withConnection(
                to: listener.address,
                as: nil,
                security: .mutual(security),
                on: group,
                configuration: patient
              ) { _ = try await $0.heartbeat(node: id, session: session) }
            }
          }
        }
        try await tasks.waitForAll()
      }
    }
  }

  @Test("a client refuses a manager of another authority, and a worker that poses as a manager")
  func falseManager() async throws {
    var cluster = try TestCluster(seed: 1)
    var other = try TestCluster(seed: 2)
    let mine = try cluster.security(.worker)
    for falseOne in [try other.security(.manager), try cluster.security(.worker, id: Sample.manager)] {
      try await withSecuredListener(ScriptedBackend(), security: falseOne) { listener in
        for security in [ClientSecurity.mutual(mine), .joining(try cluster.roots)] {
          #expect(await Self.code { try await Self.heartbeat(listener, security) } == .unavailable)
        }
      }
    }
  }

  @Test("a client in the clear, and something that doesn't speak TLS, get nothing")
  func clear() async throws {
    var cluster = try TestCluster()
    try await withSecuredListener(ScriptedBackend(), security: cluster.security(.manager)) { listener in
      #expect(await Self.code { try await Self.heartbeat(listener, .clear) } == .unavailable)
      let raw = try await RawConnection.open(to: listener)
      try await raw.send("SWRAFT\0\u{1} hello, hello, hello")
      // At most an alert: content type 21.
      let answer = await raw.drained()
      #expect(answer.isEmpty || answer[0] == 21)
    }
  }

  @Test("who joins may ask without a certificate, and nothing else; so may who doesn't know the roots yet")
  func joining() async throws {
    var cluster = try TestCluster()
    var backend = ScriptedBackend()
    backend.onHeartbeat = { _, _ in .seconds(1) }
    backend.onIssue = { application in
      #expect(application.caller == nil)
      return Sample.node
    }
    try await withSecuredListener(backend, security: cluster.security(.manager)) { listener in
      for security in [ClientSecurity.unverified, .joining(try cluster.roots)] {
        try await ManagerClient.withConnection(
          to: listener.address,
          as: Sample.manager,
          security: security,
          on: group,
          configuration: patient
        ) { client in
          let id = try await client.issueCertificate(CertificateApplication(csr: [1], token: "t"))
          #expect(id == Sample.node)
          #expect(await Self.code { try await client.heartbeat(node: Sample.node, session: Sample.session) } == .permissionDenied)
        }
      }
    }
  }

  @Test("a manager passes an application on for somebody else; a worker that says so asks for itself")
  func forwarded() async throws {
    var cluster = try TestCluster()
    var backend = ScriptedBackend()
    let seen = Mutex<[CertificateApplication]>([])
    backend.onIssue = { application in
      seen.withLock { $0.append(application) }
      return Sample.node
    }
    let application = CertificateApplication(csr: [1], token: "t", canManage: false, address: "10.0.0.9", isForwarded: true)
    let callers = [try cluster.security(.manager), try cluster.security(.worker)]
    try await withSecuredListener(backend, security: cluster.security(.manager, id: Sample.manager)) { listener in
      for caller in callers {
        try await ManagerClient.withConnection(
          to: listener.address,
          as: nil,
          security: .mutual(caller),
          on: group,
          configuration: patient
        ) { _ = try await $0.issueCertificate(application) }
      }
    }
    var own = application
    own.caller = callers[1].credentials.identity
    own.address = "127.0.0.1"
    own.isForwarded = false
    #expect(seen.withLock(\.self) == [application, own])
  }

  @Test("roots and keys are replaced under an open port: what is open goes on, old roots stop counting, new ones count")
  func rotation() async throws {
    var cluster = try TestCluster(seed: 1)
    var next = try TestCluster(seed: 2)
    var backend = ScriptedBackend()
    backend.onHeartbeat = { _, _ in .seconds(1) }
    let security = try cluster.security(.manager, id: Sample.manager)
    let (old, new) = (try cluster.security(.worker), try next.security(.worker))
    try await withSecuredListener(backend, security: security) { listener in
      try await ManagerClient.withConnection(
        to: listener.address,
        as: nil,
        security: .mutual(old),
        on: group,
        configuration: patient
      ) { open in
        _ = try await open.heartbeat(node: Sample.node, session: Sample.session)
        #expect(await Self.code { try await Self.heartbeat(listener, .mutual(new)) } == .unavailable)

        try security.replace(with: next.node(.manager, id: Sample.manager))
        _ = try await open.heartbeat(node: Sample.node, session: Sample.session)
        try await Self.expectHeartbeat(listener, .mutual(new))
        #expect(await Self.code { try await Self.heartbeat(listener, .mutual(old)) } == .unavailable)

        // And a client's side follows the same way.
        try old.replace(with: next.node(.worker))
        try await Self.expectHeartbeat(listener, .mutual(old))
      }
    }
  }

  @Test("a certificate that expires while its connection is open stops counting")
  func expiry() async throws {
    var cluster = try TestCluster()
    var backend = ScriptedBackend()
    backend.onHeartbeat = { _, _ in .seconds(1) }
    let later = Mutex(Duration.zero)
    let mine = try cluster.security(.worker)
    try await withSecuredListener(
      backend,
      security: cluster.security(.manager),
      time: { WallClock.read() + later.withLock { $0 } }
    ) { listener in
      try await ManagerClient.withConnection(
        to: listener.address,
        as: nil,
        security: .mutual(mine),
        on: group,
        configuration: patient
      ) { client in
        _ = try await client.heartbeat(node: Sample.node, session: Sample.session)
        later.withLock { $0 = .seconds(7_300) }
        #expect(await Self.code { try await client.heartbeat(node: Sample.node, session: Sample.session) } == .permissionDenied)
      }
    }
  }
}
