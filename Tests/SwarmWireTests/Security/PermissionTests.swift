// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import GRPCNIOTransportHTTP2Posix
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import SwarmControl
internal import SwarmIdentity
internal import SwarmKitProtobuf
internal import SwarmModel
internal import Synchronization
internal import TestTraits
internal import Testing

@testable internal import SwarmWire

/// Every kind of caller, every call.
@Suite("Who may call what", .serialized, .takingTurns, .timeLimit(.minutes(2)))
struct PermissionTests {
  enum Kind: CaseIterable, Sendable {
    case nobody, expired, foreignAuthority, worker, manager, demoted, removed, otherCluster

    /// What the kind may call, of the calls that need this.
    func mayCall(_ requirement: Expectation) -> Bool {
      switch self {
      // Refused in the handshake, and so whatever is called.
      case .expired, .foreignAuthority: false
      case .nobody, .removed, .otherCluster: requirement == .anyone
      case .worker, .demoted: requirement != .manager
      case .manager: true
      }
    }

    /// The node's name in the cluster.
    var node: NodeID {
      NodeID(String(repeating: ["a", "b", "c", "d", "e", "f", "g", "h"][Self.allCases.firstIndex(of: self) ?? 0], count: 25))
        ?? NodeID()
    }

    /// What the cluster wants of the node.
    static func standing(_ node: NodeID) -> NodeStanding {
      switch Self.allCases.first(where: { $0.node == node }) {
      case .worker?, .demoted?: .member(.worker)
      case .manager?, .expired?, .otherCluster?, .foreignAuthority?: .member(.manager)
      case .removed?, .nobody?, nil: .stranger
      }
    }

    func credentials(_ cluster: TestCluster) throws -> NodeCredentials? {
      var cluster = cluster
      switch self {
      case .nobody: return nil
      case .expired: return try cluster.node(.manager, id: self.node, age: .seconds(7_201))
      case .foreignAuthority:
        var other = try TestCluster(seed: 77)
        return try other.node(.manager, id: self.node)
      case .worker: return try cluster.node(.worker, id: self.node)
      case .manager, .demoted, .removed: return try cluster.node(.manager, id: self.node)
      case .otherCluster: return try cluster.node(.manager, id: self.node, cluster: ClusterID())
      }
    }
  }

  /// Who may make a call: SwarmKit's list (`reference`), written down a second time.
  enum Expectation: Sendable { case anyone, member, manager }

  static let expectations: [String: Expectation] = [
    "CA/GetRootCACertificate": .anyone, "CA/GetUnlockKey": .manager,
    "NodeCA/IssueNodeCertificate": .anyone, "NodeCA/NodeCertificateStatus": .anyone,
    "Dispatcher/Session": .member, "Dispatcher/Heartbeat": .member, "Dispatcher/UpdateTaskStatus": .member,
    "Dispatcher/Tasks": .member, "Dispatcher/Assignments": .member, "Dispatcher/UpdateVolumeStatus": .member,
    "LogBroker/ListenSubscriptions": .member, "LogBroker/PublishLogs": .member, "Logs/SubscribeLogs": .manager,
    "ResourceAllocator/AttachNetwork": .member, "ResourceAllocator/DetachNetwork": .member,
    "RaftMembership/Join": .manager, "RaftMembership/Leave": .manager,
    "Health/Check": .manager, "Forward/Submit": .manager, "Gossip/Bootstrap": .member,
    "Errands/Listen": .member, "Errands/Attend": .member, "Errands/Exec": .manager,
    "Errands/Answer": .member, "Errands/Usages": .manager,
  ]

  /// Every call that there is code for.
  static let calls: [MethodDescriptor] =
    ProtoCA.Method.descriptors + ProtoNodeCA.Method.descriptors + ProtoDispatcher.Method.descriptors
    + ProtoLogBroker.Method.descriptors
    + ProtoLogs.Method.descriptors + ProtoRaftMembership.Method.descriptors + ProtoHealth.Method.descriptors
    + ProtoForward.Method.descriptors + [GossipMethod.bootstrap] + ErrandMethod.all + ResourceAllocatorService.methods

  static func expectation(_ call: MethodDescriptor) throws -> Expectation {
    let service = call.serviceName
    return try #require(self.expectations["\(service)/\(call.method)"], "\(call) is in no list")
  }

  @Test("every call that there is code for is in the table, and nothing else is")
  func complete() {
    #expect(Set(Self.calls.map(\.fullyQualifiedMethod)) == Set(RPCPermissions.table.keys))
    #expect(Self.expectations.count == RPCPermissions.table.count)
  }

  @Test("the rule decides every call for every kind of caller", arguments: Kind.allCases)
  func rule(kind: Kind) throws {
    let cluster = try TestCluster()
    let peer = try kind.credentials(cluster).map { Peer(identity: $0.identity, notAfter: $0.facts.notAfter) }
    for call in Self.calls {
      let verdict = RPCPermissions.decide(
        call.fullyQualifiedMethod,
        by: kind == .foreignAuthority ? nil : peer,
        cluster: cluster.id,
        now: WallClock.read(),
        standing: Kind.standing
      )
      let expectation = try Self.expectation(call)
      // The rule alone sees an expired or foreign certificate as none; that they don't get this far is the handshake's doing.
      let isAllowed = kind.mayCall(expectation) || expectation == .anyone
      switch verdict {
      case .allowed(let identity):
        #expect(isAllowed, "\(kind) \(call)")
        #expect(identity?.nodeID == ([.worker, .manager, .demoted].contains(kind) ? kind.node : nil), "\(kind) \(call)")
        if kind == .demoted { #expect(identity?.role == .worker) }
      case .refused(let error):
        #expect(!isAllowed, "\(kind) \(call)")
        #expect(error.code == .permissionDenied)
        #expect(error.message.contains("was removed from swarm") == (kind == .removed), "\(error)")
      }
    }
  }

  @Test("a call that isn't in the table is refused to everybody", arguments: Kind.allCases)
  func unknown(kind: Kind) throws {
    let cluster = try TestCluster()
    let peer = try kind.credentials(cluster).map { Peer(identity: $0.identity, notAfter: $0.facts.notAfter) }
    for method in ["docker.swarmkit.v1.Control/ListNodes", "", "Health/Check", "docker.swarmkit.v1.health/check"] {
      let verdict = RPCPermissions.decide(method, by: peer, cluster: cluster.id, now: WallClock.read(), standing: Kind.standing)
      guard case .refused = verdict else {
        Issue.record("\(method) was allowed")
        continue
      }
    }
  }

  @Test("on the wire every kind of caller gets the calls that it may make, and no other", arguments: Kind.allCases)
  func wire(kind: Kind) async throws {
    var cluster = try TestCluster()
    let credentials = try kind.credentials(cluster)
    var backend = ScriptedBackend()
    backend.onStanding = { Kind.standing($0) }
    let security = try cluster.security(.manager, id: Sample.manager)
    try await withSecuredListener(backend, security: security) { listener in
      for call in Self.calls {
        let code = await Self.call(call, at: listener, showing: credentials, roots: try cluster.roots)
        let isAllowed = try kind.mayCall(Self.expectation(call))
        switch kind {
        case .expired, .foreignAuthority: #expect(code == .unavailable, "\(kind) \(call): \(String(describing: code))")
        default:
          #expect(
            (code != .permissionDenied && code != .unavailable) == isAllowed,
            "\(kind) \(call): \(String(describing: code))"
          )
        }
      }
    }
  }

  /// Makes a call with an empty message; returns how it was refused.
  private static func call(
    _ method: MethodDescriptor,
    at listener: SwarmListener,
    showing credentials: NodeCredentials?,
    roots: TrustRoots
  ) async -> RPCError.Code? {
    do {
      let context = try NIOSSLContext(
        configuration: credentials.map { try TLSPolicy.client($0, speaking: .grpc) } ?? TLSPolicy.client(roots, speaking: .grpc)
      )
      let transport = try await HTTP2ClientTransport.WrappedChannel.wrapping { configure in
        try await ClientBootstrap(group: group).connect(host: "127.0.0.1", port: listener.port) { channel in
          do {
            // A foreign client doesn't judge the server; here the server judges.
            let handler = try NIOSSLClientHandler(
              context: context,
              serverHostname: "swarm-manager",
              customVerificationCallback: { _, promise in promise.succeed(.certificateVerified) }
            )
            try channel.pipeline.syncOperations.addHandler(handler)
          } catch {
            return channel.eventLoop.makeFailedFuture(error)
          }
          return configure(channel)
        }
      }
      return try await withGRPCClient(transport: transport) { client in
        try await client.serverStreaming(
          request: ClientRequest(message: [UInt8]()),
          descriptor: method,
          serializer: Bytes(),
          deserializer: Bytes(),
          options: .defaults
        ) { response -> RPCError.Code? in
          do {
            for try await _ in response.messages {}
            return nil
          } catch {
            return (error as? RPCError)?.code ?? .unavailable
          }
        }
      }
    } catch {
      return (error as? RPCError)?.code ?? .unavailable
    }
  }

  private struct Bytes: MessageSerializer, MessageDeserializer {
    func serialize<Buffer: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Buffer { Buffer(message) }
    func deserialize<Buffer: GRPCContiguousBytes>(_ bytes: Buffer) throws -> [UInt8] {
      unsafe bytes.withUnsafeBytes { unsafe Array($0) }
    }
  }
}

extension MethodDescriptor {
  /// The service's name without its package.
  fileprivate var serviceName: String {
    self.service.fullyQualifiedService.split(separator: ".").last.map(String.init) ?? ""
  }
}
