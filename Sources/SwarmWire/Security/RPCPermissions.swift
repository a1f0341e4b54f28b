// SPDX-License-Identifier: Apache-2.0

internal import SwarmIdentity
internal import SwarmModel

/// Who may call what: the one table, and the one rule that reads it.
enum RPCPermissions {
  /// Who may make a call.
  enum Requirement: Hashable, Sendable {
    /// Everybody, also without a certificate.
    case anyone
    /// Members of the cluster, workers and managers.
    case worker
    /// Managers.
    case manager
  }

  /// What comes of a call.
  enum Verdict: Hashable, Sendable {
    /// It goes on, made by this node, or by nobody that is known.
    case allowed(PeerIdentity?)
    /// It is refused.
    case refused(SwarmError)
  }

  /// Every call, by its full name.
  ///
  /// What isn't here is refused to everybody.
  static let table: [String: Requirement] = [
    "docker.swarmkit.v1.CA/GetRootCACertificate": .anyone,
    "docker.swarmkit.v1.CA/GetUnlockKey": .manager,
    "docker.swarmkit.v1.NodeCA/IssueNodeCertificate": .anyone,
    "docker.swarmkit.v1.NodeCA/NodeCertificateStatus": .anyone,
    "docker.swarmkit.v1.Dispatcher/Session": .worker,
    "docker.swarmkit.v1.Dispatcher/Heartbeat": .worker,
    "docker.swarmkit.v1.Dispatcher/UpdateTaskStatus": .worker,
    "docker.swarmkit.v1.Dispatcher/UpdateVolumeStatus": .worker,
    "docker.swarmkit.v1.Dispatcher/Tasks": .worker,
    "docker.swarmkit.v1.Dispatcher/Assignments": .worker,
    "docker.swarmkit.v1.LogBroker/ListenSubscriptions": .worker,
    "docker.swarmkit.v1.LogBroker/PublishLogs": .worker,
    "docker.swarmkit.v1.Logs/SubscribeLogs": .manager,
    "docker.swarmkit.v1.ResourceAllocator/AttachNetwork": .worker,
    "docker.swarmkit.v1.ResourceAllocator/DetachNetwork": .worker,
    "docker.swarmkit.v1.RaftMembership/Join": .manager,
    "docker.swarmkit.v1.RaftMembership/Leave": .manager,
    "docker.swarmkit.v1.Health/Check": .manager,
    "swiftswarm.v1.Forward/Submit": .manager,
    "swiftswarm.v1.Gossip/Bootstrap": .worker,
    "swiftswarm.v1.Errands/Listen": .worker,
    "swiftswarm.v1.Errands/Attend": .worker,
    "swiftswarm.v1.Errands/Exec": .manager,
    "swiftswarm.v1.Errands/Answer": .worker,
    "swiftswarm.v1.Errands/Usages": .manager,
  ]

  /// Decides about a call.
  ///
  /// A node that is being demoted loses a manager's rights when the cluster has decided so, before it has another certificate; a removed one loses all.
  ///
  /// - Parameters:
  ///   - method: the call, as `service/method`.
  ///   - peer: who makes it.
  ///   - cluster: this cluster.
  ///   - now: the time.
  ///   - standing: what the manager knows of a node.
  static func decide(
    _ method: String,
    by peer: Peer?,
    cluster: ClusterID,
    now: Timestamp,
    standing: (NodeID) -> NodeStanding
  ) -> Verdict {
    guard let requirement = self.table[method] else { return self.refused(method) }
    let identity = peer.flatMap { self.identity(of: $0, cluster: cluster, now: now, standing: standing) }
    switch requirement {
    case .anyone: return .allowed(identity)
    case .worker: return identity.map { .allowed($0) } ?? self.refused(method, removed: peer, cluster, standing)
    case .manager: return identity?.role == .manager ? .allowed(identity) : self.refused(method, removed: peer, cluster, standing)
    }
  }

  /// Who a peer is at this time, with the rights that it has; `nil` when its certificate counts for nothing.
  static func identity(
    of peer: Peer,
    cluster: ClusterID,
    now: Timestamp,
    standing: (NodeID) -> NodeStanding
  ) -> PeerIdentity? {
    var identity = peer.identity
    guard identity.clusterID == cluster, now <= peer.notAfter else { return nil }
    switch standing(identity.nodeID) {
    case .undecided: break
    case .stranger: return nil
    case .member(.worker): identity.role = .worker
    case .member(.manager): break
    }
    return identity
  }

  private static func refused(
    _ method: String,
    removed peer: Peer?,
    _ cluster: ClusterID,
    _ standing: (NodeID) -> NodeStanding
  ) -> Verdict {
    guard let identity = peer?.identity, identity.clusterID == cluster, standing(identity.nodeID) == .stranger else {
      return self.refused(method)
    }
    // SwarmKit's sentence; a real worker gives up when it reads it.
    return .refused(SwarmError(code: .permissionDenied, message: "node \(identity.nodeID) was removed from swarm"))
  }

  private static func refused(_ method: String) -> Verdict {
    .refused(SwarmError(code: .permissionDenied, message: "Permission denied: the caller's certificate doesn't allow \(method)"))
  }
}
