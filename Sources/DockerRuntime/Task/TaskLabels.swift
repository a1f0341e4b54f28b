// SPDX-License-Identifier: Apache-2.0

internal import SwarmAgent
internal import SwarmModel

/// The labels by which containers of tasks are found again.
///
/// Beside our own there are Docker's, which tools look at. Ours alone decide whose a container is: the engine may be in a swarm of its own,
/// whose containers have Docker's labels too.
enum TaskLabels {
  static let node = "swift-swarm.node.id"
  static let task = "swift-swarm.task.id"
  /// The node's directory: what is labelled with it and not with the node is a stray of a node that was here before.
  static let directory = "swift-swarm.node.directory"

  /// The label, `key=value`, of all containers of a node.
  static func filter(_ node: NodeID) -> String { "\(self.node)=\(node)" }

  /// The labels of a task's container.
  static func labels(of task: SwarmTask, _ context: TaskContext, _ node: NodeContext) -> [String: String] {
    var labels = task.spec.value.container?.labels ?? [:]
    labels.merge(task.annotations.labels) { _, new in new }
    labels[self.node] = "\(context.nodeID)"
    labels[self.task] = "\(task.id)"
    labels[self.directory] = node.directory
    labels["com.docker.swarm.task"] = ""
    labels["com.docker.swarm.task.id"] = "\(task.id)"
    labels["com.docker.swarm.task.name"] = context.taskName
    labels["com.docker.swarm.node.id"] = "\(context.nodeID)"
    labels["com.docker.swarm.service.id"] = task.serviceID.map { "\($0)" } ?? ""
    labels["com.docker.swarm.service.name"] = context.serviceName
    return labels
  }
}
