// SPDX-License-Identifier: Apache-2.0
internal import HashTreeCollections
package import SwarmModel

/// What the leader has to do next so that nodes get the roles that operators want.
///
/// As SwarmKit's role manager does it: a node is a manager as soon as it is wanted as one (it asks for the certificate and joins the
/// group by itself), and a worker only after it has left the group.
package enum RoleStep: Sendable, Hashable {
  /// Store that the node has the role; its agent is told.
  case grant(NodeID, NodeRole)
  /// Take the member out of the consensus group.
  case remove(NodeID, raftID: UInt64)
  /// Let another manager lead, because the leader itself is to go.
  case handOver
}

extension RoleStep {
  /// What is to be done now, in this order; of the group at most one member is touched at a time.
  ///
  /// - Parameters:
  ///   - store: the leader's state.
  ///   - members: the consensus group, as its leader sees it.
  package static func next(in store: Store, members: [ManagerObservation]) -> [RoleStep] {
    guard store.cluster != nil else { return [] }
    var steps: [RoleStep] = []
    let memberNodes = Set(members.map(\.node))
    for (id, node) in store.nodesByID where node.value.spec.desiredRole != node.value.role {
      switch node.value.spec.desiredRole {
      case .manager: steps.append(.grant(id, .manager))
      case .worker: if !memberNodes.contains(id) { steps.append(.grant(id, .worker)) }
      }
    }
    steps.sort { $0.node < $1.node }
    let unwanted = members.sorted { $0.raftID < $1.raftID }.first { member in
      store.nodesByID[member.node]?.value.spec.desiredRole != .manager
        && (member.isLeader || Self.isSafe(removing: member.node, from: members))
    }
    if let unwanted {
      steps.append(unwanted.isLeader ? .handOver : .remove(unwanted.node, raftID: unwanted.raftID))
    }
    return steps
  }

  /// Whether a group keeps its quorum without one of its members.
  ///
  /// - Parameters:
  ///   - node: the member's node.
  ///   - members: the group, as its leader sees it.
  package static func isSafe(removing node: NodeID, from members: [ManagerObservation]) -> Bool {
    let others = members.filter { $0.node != node }
    return others.count { $0.reachability == .reachable } > others.count / 2
  }

  private var node: NodeID {
    switch self {
    case .grant(let node, _), .remove(let node, _): node
    case .handOver: NodeID()
    }
  }
}
