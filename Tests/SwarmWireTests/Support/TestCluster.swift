// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import NIOCore
internal import SwarmIdentity
internal import SwarmModel
internal import SwarmWire

/// A cluster's authority, and nodes with certificates of it, valid now.
struct TestCluster: Sendable {
  var state: RootCA
  var random: IdentifierGenerator
  let id: ClusterID

  init(seed: UInt64 = 1, id: ClusterID = Sample.cluster) throws {
    self.random = IdentifierGenerator(seed: seed)
    self.state = try CertificateAuthority.makeState(now: WallClock.read(), using: &self.random)
    self.id = id
  }

  var roots: TrustRoots {
    get throws { try TrustRoots(pem: self.state.caCert) }
  }

  /// A node's credentials.
  ///
  /// - Parameter age: How long ago they were issued, for certificates that have expired (or aren't valid yet).
  mutating func node(
    _ role: NodeRole,
    id: NodeID = Sample.node,
    cluster: ClusterID? = nil,
    age: Duration = .zero,
    validity: Duration = .seconds(7_200)
  ) throws -> NodeCredentials {
    let key = NodeKey()
    let chain = try CertificateAuthority(self.state).issue(
      CertificateRequest(pem: key.certificateRequest()),
      for: PeerIdentity(role: role, nodeID: id, clusterID: cluster ?? self.id),
      validity: validity,
      now: WallClock.read() - age,
      using: &self.random
    )
    return try NodeCredentials(chain: chain, key: key, trustRoots: self.roots)
  }

  mutating func security(_ role: NodeRole, id: NodeID = Sample.node, cluster: ClusterID? = nil) throws -> NodeSecurity {
    try NodeSecurity(self.node(role, id: id, cluster: cluster))
  }
}

extension Sample {
  /// The manager that listens.
  static let manager = NodeID(String(repeating: "m", count: 25)) ?? NodeID()
}

/// Runs a secured listener with a backend while `body` uses it.
func withSecuredListener<Result>(
  _ backend: some ManagerBackend,
  security: NodeSecurity,
  configuration: SwarmListener.Configuration = .init(port: 0),
  time: @escaping @Sendable () -> Timestamp = WallClock.read,
  acceptRaft: @escaping @Sendable (any Channel) -> EventLoopFuture<Void> = { $0.close() },
  _ body: (SwarmListener) async throws -> Result
) async throws -> Result {
  let listener = try await SwarmListener.bind(configuration, security: security, time: time, on: group, logger: quiet)
  return try await withThrowingDiscardingTaskGroup { tasks in
    tasks.addTask { try await listener.run(backend: backend, acceptRaft: acceptRaft) }
    defer { listener.shutdown() }
    return try await body(listener)
  }
}

/// A directory that goes away with this value.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    self.path = FileManager.default.temporaryDirectory.appending(path: "swarm-wire-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: self.path) }

  func write(_ bytes: [UInt8], to name: String) throws -> String {
    let path = "\(self.path)/\(name)"
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }
}
