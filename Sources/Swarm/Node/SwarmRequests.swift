// SPDX-License-Identifier: Apache-2.0

public import SwarmModel

/// How to start a new swarm.
public struct InitializeRequest: Sendable, Hashable {
  /// The one node-to-node port; the configuration's wins.
  public var listenAddress: String?
  /// Where other nodes reach this one; the configuration's wins.
  public var advertiseAddress: String?
  /// The cluster's settings.
  public var spec: ClusterSpec
  /// Whether this node takes tasks; `nil` takes the configuration's.
  public var availability: NodeSpec.Availability?
  /// Whether a manager whose swarm lost its quorum for good starts over as the only one, with everything that it knows of the swarm.
  ///
  /// Its addresses and settings stay as they are. On a node outside a swarm this means nothing.
  public var forcesNewCluster: Bool

  /// Creates a request.
  public init(
    listenAddress: String? = nil,
    advertiseAddress: String? = nil,
    spec: ClusterSpec = ClusterSpec(),
    availability: NodeSpec.Availability? = nil,
    forcesNewCluster: Bool = false
  ) {
    self.listenAddress = listenAddress
    self.advertiseAddress = advertiseAddress
    self.spec = spec
    self.availability = availability
    self.forcesNewCluster = forcesNewCluster
  }
}

/// How to join an existing swarm.
public struct JoinRequest: Sendable, Hashable {
  /// Managers to ask, as `host:port`; one that answers is enough.
  public var remoteAddresses: [String]
  /// The join token, which decides about the node's role.
  public var token: String
  /// The one node-to-node port; the configuration's wins.
  public var listenAddress: String?
  /// Where other nodes reach this one; the configuration's wins.
  public var advertiseAddress: String?
  /// Whether this node takes tasks; `nil` takes the configuration's.
  public var availability: NodeSpec.Availability?

  /// Creates a request.
  public init(
    remoteAddresses: [String],
    token: String,
    listenAddress: String? = nil,
    advertiseAddress: String? = nil,
    availability: NodeSpec.Availability? = nil
  ) {
    self.remoteAddresses = remoteAddresses
    self.token = token
    self.listenAddress = listenAddress
    self.advertiseAddress = advertiseAddress
    self.availability = availability
  }
}
