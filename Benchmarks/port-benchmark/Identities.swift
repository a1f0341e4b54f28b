// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import SwarmIdentity
internal import SwarmModel
internal import SwarmWire

/// A swarm's authority, a manager and a worker, as files that `openssl` reads too.
struct Identities {
  let directory: String

  /// Takes those that are in the directory.
  init(in directory: String) { self.directory = directory }

  /// Makes new ones.
  static func make(in directory: String) throws -> Self {
    var random = SystemRandomNumberGenerator()
    let state = try CertificateAuthority.makeState(now: WallClock.read(), using: &random)
    var ids = IdentifierGenerator(seed: .random(in: 0 ... .max))
    let cluster: ClusterID = ids.make()
    let identities = Self(in: directory)
    try identities.write(state.caCert, "ca.crt")
    for (name, role) in [("manager", NodeRole.manager), ("worker", .worker)] {
      let key = NodeKey()
      let chain = try CertificateAuthority(state).issue(
        CertificateRequest(pem: key.certificateRequest()),
        for: PeerIdentity(role: role, nodeID: ids.make(), clusterID: cluster),
        validity: .seconds(7_200),
        now: WallClock.read(),
        using: &random
      )
      try identities.write(chain, "\(name).crt")
      try identities.write(key.pem, "\(name).key")
    }
    return identities
  }

  /// What connections of a node are secured with.
  func security(of name: String) throws -> NodeSecurity {
    try NodeSecurity(
      NodeCredentials(
        chain: self.read("\(name).crt"),
        key: NodeKey(pem: self.read("\(name).key")),
        trustRoots: TrustRoots(pem: self.read("ca.crt"))
      )
    )
  }

  private func write(_ bytes: [UInt8], _ name: String) throws {
    try Data(bytes).write(to: URL(filePath: "\(self.directory)/\(name)"))
  }

  private func read(_ name: String) throws -> [UInt8] {
    try [UInt8](Data(contentsOf: URL(filePath: "\(self.directory)/\(name)")))
  }
}
