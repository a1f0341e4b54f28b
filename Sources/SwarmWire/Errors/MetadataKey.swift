// SPDX-License-Identifier: Apache-2.0

/// The names under which calls carry what has no place in their messages.
enum MetadataKey {
  /// The id of the node that calls, until certificates tell.
  static let node = "swarm-node-id"
  /// Sent by nodes that can be managers with their requests for certificates; its value says nothing.
  static let managing = "swarm-managing"
  /// The address, without a port, of whom a manager passes a call on for; SwarmKit's name.
  static let redirect = "redirect"
  /// The cluster's id, in the answer to a manager that joins.
  static let cluster = "swarm-cluster-id"
  /// Where the leader is (`host:port`), when a follower refuses.
  static let leader = "swarm-leader"
  /// Says that a node publishes logs over a connection that has nothing else to carry.
  static let ownConnection = "swarm-own-connection"
  /// The number of a `SwarmError`'s code, which says more than gRPC's code.
  static let code = "swarm-error-code"
}
