// SPDX-License-Identifier: Apache-2.0
package import SwarmModel

/// One typed change of the replicated state.
///
/// Applying a change reads nothing but the store and the change itself. A change whose precondition no longer holds is
/// rejected by itself (or item by item where it has items); the other changes of its entry are not touched.
package enum Change: Sendable, Hashable {
  /// Creates or replaces the cluster object.
  case putCluster(Cluster)
  /// Replaces the cluster's specification; with `expected`, only if the object still has that version.
  case updateClusterSpec(expected: Version?, ClusterSpec)
  /// Replaces the certificate authority and the join tokens; with `expected`, only if the cluster object still has that version.
  case replaceRootCA(expected: Version?, RootCA)
  /// Replaces parts of the cluster object together; with `expected`, only if the object still has that version.
  case changeCluster(expected: Version?, ClusterChange)

  /// Creates or replaces a node.
  case putNode(Node)
  /// Replaces a node's specification; with `expected`, only if the object still has that version. The last manager can't be demoted.
  case updateNodeSpec(NodeID, expected: Version?, NodeSpec)
  /// Stores what the leader observed of nodes; never touches a specification.
  case nodeStatuses([NodeStatusChange])
  /// Removes a node and marks its tasks that still may run as orphaned; without `force` only when the node is down.
  case removeNode(NodeID, force: Bool)

  /// Creates a service; its id and name must be free.
  case createService(Service)
  /// Replaces a service's specification and clears its update status. A rollback takes the previous specification instead of the one
  /// given; it is refused when the one given, which is to be rolled back, isn't the current one any more.
  case updateService(ServiceID, expected: Version?, ServiceSpec, isRollback: Bool)
  /// Stores how far a service's update is; with `specVersion`, only if the service still has that specification, or got another one by
  /// the same entry.
  case updateStatus(ServiceID, specVersion: Version?, UpdateStatus?)
  /// Removes a service; its tasks stay until they are removed on their own.
  case removeService(ServiceID)

  /// Creates tasks of a service, assigned where a node is given. Rejected as a whole when the service's specification changed since.
  case createTasks(ServiceID, specVersion: Version, desired: TaskState, [NewTask])
  /// Gives pending tasks their nodes.
  case assignTasks([TaskAssignment])
  /// Tells why tasks are pending.
  case pendingReasons([PendingReason])
  /// Raises tasks' desired states.
  case desiredStates([DesiredStateChange])
  /// Stores what nodes observed of tasks; only forwards.
  case taskStatuses([TaskStatusChange])
  /// Forgets tasks.
  case removeTasks([TaskID])

  /// Creates a secret; its id and name must be free.
  case createSecret(Secret)
  /// Replaces a secret's labels; nothing else of a secret ever changes.
  case updateSecret(SecretID, expected: Version?, labels: [String: String])
  /// Removes a secret that no service uses.
  case removeSecret(SecretID)
  /// Creates a config; its id and name must be free.
  case createConfig(Config)
  /// Replaces a config's labels; nothing else of a config ever changes.
  case updateConfig(ConfigID, expected: Version?, labels: [String: String])
  /// Removes a config that no service uses.
  case removeConfig(ConfigID)
  /// Creates a network with the address ranges that were chosen for it; its id and name and the ranges must be free.
  case createNetwork(Network)
  /// Removes a network that no service uses.
  case removeNetwork(NetworkID)
  /// Gives a service the ports and addresses that were chosen for it. Rejected when its specification changed since or somebody else has them.
  case allocate(ServiceID, specVersion: Version, Endpoint)
  /// Begins the next run of a job; rejected when another one began since.
  case runJob(ServiceID, iteration: Version)
  /// Takes a service's tasks away until it is started again, or starts it again.
  case stopService(ServiceID, isStopped: Bool)
  /// Forgets clients that sent nothing since a moment.
  case expireClients(before: Timestamp)
}
