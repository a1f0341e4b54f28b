// SPDX-License-Identifier: Apache-2.0

public import SwarmModel

/// What a node knows of itself, without asking anybody.
public struct LocalNodeStatus: Sendable, Hashable {
  /// The node's place in a swarm.
  public enum State: String, Sendable, Hashable {
    /// Not part of any swarm.
    case inactive
    /// On its way into one.
    case pending
    /// Part of one.
    case active
    /// A manager whose keys are sealed, until ``SwarmNode/unlock(_:)``.
    case locked
    /// Part of one, but unable to take part; ``LocalNodeStatus/error`` says why.
    case error
  }

  /// A manager that this node knows.
  public struct Manager: Sendable, Hashable {
    /// The manager's node.
    public var nodeID: NodeID
    /// Its advertised `host:port`.
    public var address: String

    /// Creates a value.
    public init(nodeID: NodeID, address: String) {
      self.nodeID = nodeID
      self.address = address
    }
  }

  /// The node's place in a swarm.
  public var state: State
  /// The role; `nil` outside a swarm.
  public var role: NodeRole?
  /// The node's id; `nil` outside a swarm.
  public var nodeID: NodeID?
  /// The swarm's id; `nil` outside a swarm.
  public var clusterID: ClusterID?
  /// Where other nodes reach this one.
  public var nodeAddress: String
  /// Whether this node leads the managers at this moment, as far as it knows.
  public var isLeader: Bool
  /// Why the state is ``State/error``; else empty.
  public var error: String
  /// The managers that this node knows.
  public var managers: [Manager]

  /// Creates a status; by default that of a node outside any swarm.
  public init(
    state: State = .inactive,
    role: NodeRole? = nil,
    nodeID: NodeID? = nil,
    clusterID: ClusterID? = nil,
    nodeAddress: String = "",
    isLeader: Bool = false,
    error: String = "",
    managers: [Manager] = []
  ) {
    self.state = state
    self.role = role
    self.nodeID = nodeID
    self.clusterID = clusterID
    self.nodeAddress = nodeAddress
    self.isLeader = isLeader
    self.error = error
    self.managers = managers
  }

  /// Whether this node can view and change the swarm's state.
  public var controlAvailable: Bool { self.state == .active && self.role == .manager }
}
