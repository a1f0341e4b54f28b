// SPDX-License-Identifier: Apache-2.0
package import SwarmModel

/// What users ask of the cluster; a follower forwards it to the leader, which turns it into changes.
///
/// References are what a user typed: an id, a name, or the beginning of an id. Versions are the `Version.Index` that the user read.
package enum ControlRequest: Sendable, Hashable {
  /// Creates a service. Answer: ``ControlResponse/service(_:version:warnings:)``.
  case createService(ServiceSpec)
  /// Replaces a service's specification, or goes back to the previous one. Answer: ``ControlResponse/service(_:version:warnings:)``.
  case updateService(reference: String, version: UInt64, spec: ServiceSpec, rollback: Bool)
  /// Removes a service. Answer: ``ControlResponse/done(version:)``.
  case removeService(reference: String)
  /// Replaces a node's specification. Answer: ``ControlResponse/node(_:version:)``.
  case updateNode(reference: String, version: UInt64, spec: NodeSpec)
  /// Removes a node. Answer: ``ControlResponse/done(version:)``.
  case removeNode(reference: String, force: Bool)
  /// Replaces the cluster's specification. Answer: ``ControlResponse/done(version:)``.
  case updateCluster(version: UInt64, spec: ClusterSpec)
  /// Replaces the certificate authority and the join tokens. Answer: ``ControlResponse/done(version:)``.
  case replaceRootCA(version: UInt64, RootCA)
  /// Replaces parts of the cluster object together. Answer: ``ControlResponse/done(version:)``.
  case changeCluster(version: UInt64, ClusterChange)
  /// Creates a secret. Answer: ``ControlResponse/object(_:version:)``.
  case createSecret(SecretSpec)
  /// Replaces a secret's labels. Answer: ``ControlResponse/done(version:)``.
  case updateSecret(reference: String, version: UInt64, spec: SecretSpec)
  /// Removes a secret. Answer: ``ControlResponse/done(version:)``.
  case removeSecret(reference: String)
  /// Creates a config. Answer: ``ControlResponse/object(_:version:)``.
  case createConfig(ConfigSpec)
  /// Replaces a config's labels. Answer: ``ControlResponse/done(version:)``.
  case updateConfig(reference: String, version: UInt64, spec: ConfigSpec)
  /// Removes a config. Answer: ``ControlResponse/done(version:)``.
  case removeConfig(reference: String)
  /// Creates a network. Answer: ``ControlResponse/object(_:version:)``.
  case createNetwork(NetworkSpec)
  /// Removes a network. Answer: ``ControlResponse/done(version:)``.
  case removeNetwork(reference: String)
  /// Replaces all tasks of a service, or runs a job again. Answer: ``ControlResponse/service(_:version:warnings:)``.
  case restartService(reference: String)
  /// Takes a service's tasks away until it is started again, or starts it again. Answer: ``ControlResponse/service(_:version:warnings:)``.
  case stopService(reference: String, isStopped: Bool)
  /// Lets a node in, or back in. Answer: ``ControlResponse/node(_:version:)``.
  case registerNode(NodeRegistration)
  /// Gives a member another certificate. Answer: ``ControlResponse/node(_:version:)``.
  case certifyNode(NodeID, NodeCertificate)
}

/// A node that wants to take part.
package struct NodeRegistration: Sendable, Hashable {
  /// The id that the node already has from an earlier registration; `nil` lets the cluster choose one.
  package var id: NodeID?
  /// The role that the node is to have.
  package var role: NodeRole
  /// Whether the node takes tasks from the start.
  package var availability: NodeSpec.Availability
  /// The host's name; empty when not known yet.
  package var hostname: String
  /// The certificate that a new node is given.
  package var certificate: NodeCertificate?

  /// Creates a registration.
  package init(
    id: NodeID? = nil,
    role: NodeRole = .worker,
    availability: NodeSpec.Availability = .active,
    hostname: String = "",
    certificate: NodeCertificate? = nil
  ) {
    self.id = id
    self.role = role
    self.availability = availability
    self.hostname = hostname
    self.certificate = certificate
  }
}
