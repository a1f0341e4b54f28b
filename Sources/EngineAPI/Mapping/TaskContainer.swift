// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmAgent
internal import SwarmModel

/// A task that was started on this node, as Docker shows the container of one.
struct TaskContainer: Sendable {
  /// How far a container is.
  enum State: String, Sendable {
    case created, running, exited
  }

  let task: SwarmTask
  let state: State

  /// Sees a task as a container; `nil` when none was ever made for it.
  init?(_ task: SwarmTask) {
    switch task.status.state {
    case .ready, .starting: self.state = .created
    case .running: self.state = .running
    case .complete..., .orphaned: if task.status.container != nil { self.state = .exited } else { return nil }
    default: return nil
    }
    self.task = task
  }

  var id: String { self.task.id.containerID(self.task.status.container) }

  /// `service.slot.task`.
  var name: String { TaskContext.name(of: self.task) }

  var image: String { self.spec.image }
  var spec: ContainerSpec { self.task.spec.value.container ?? ContainerSpec() }
  var exitCode: Int32 { self.task.status.container?.exitCode ?? 0 }

  /// The program and its arguments; of an image's own command nothing is known.
  var command: [String] { self.spec.command + self.spec.args }

  /// The labels by which Docker marks containers of tasks, and those of the specification.
  var labels: [String: String] {
    var labels = self.spec.labels
    labels["com.docker.swarm.task"] = ""
    labels["com.docker.swarm.task.id"] = self.task.id.description
    labels["com.docker.swarm.task.name"] = self.name
    labels["com.docker.swarm.node.id"] = self.task.nodeID?.description ?? ""
    labels["com.docker.swarm.service.id"] = self.task.serviceID?.description ?? ""
    labels["com.docker.swarm.service.name"] = self.task.serviceAnnotations.name
    return labels
  }

  /// How long it has run, or how it ended: `Up 3 minutes`.
  ///
  /// - Parameter now: in nanoseconds since 1970.
  func statusText(now: Int64) -> String {
    let ago = HumanText.ago(self.task.status.timestamp.apiValue, now: EngineTime(nanosecondsSince1970: now))
    switch self.state {
    case .created: return "Created"
    case .running: return "Up \(ago.prefix(ago.count - " ago".count))"
    case .exited: return "Exited (\(self.exitCode)) \(ago)"
    }
  }

  /// What is known of the task where it runs, to replace placeholders.
  ///
  /// - Parameter hostname: the node's.
  func context(hostname: String) -> TaskContext {
    TaskContext(
      nodeID: self.task.nodeID ?? NodeID(),
      nodeHostname: hostname,
      platform: Platform(architecture: HostInformation.architecture, os: HostInformation.osType),
      taskName: self.name,
      serviceName: self.task.serviceAnnotations.name,
      serviceLabels: self.task.serviceAnnotations.labels,
      directory: ""
    )
  }
}

extension TaskID {
  /// The id of this task's container: the runtime's own; else one that is made up, and no task's.
  ///
  /// docker's client asks for a container before it asks for a task: `docker inspect TASK` would never show the task, if both had the same id.
  func containerID(_ status: ContainerStatus?) -> String {
    let id = self.description
    guard let own = status?.containerID.nonEmpty, own != id else { return MadeUpID.digits(id) }
    return own
  }
}

/// The containers of this node's tasks, and the way to one of them.
struct LocalContainers: Sendable {
  let backend: any SwarmBackend

  /// All of them, the newest first.
  func all() async throws -> [TaskContainer] {
    try await self.backend.localTasks().compactMap(TaskContainer.init)
      .sorted { ($0.task.meta.createdAt.nanoseconds, $0.task.id) > ($1.task.meta.createdAt.nanoseconds, $1.task.id) }
  }

  /// The one of an id, a name (with or without Docker's slash in front), or the beginning of an id, in this order.
  ///
  /// - Throws: A failure with status 404 when there is none, 400 when several ids begin so.
  func find(_ reference: String) async throws -> TaskContainer {
    let containers = try await self.all()
    let name = reference.hasPrefix("/") ? String(reference.dropFirst()) : reference
    if let exact = containers.first(where: { $0.id == reference }) { return exact }
    if let named = containers.first(where: { $0.name == name }) { return named }
    let like = reference.isEmpty ? [] : containers.filter { $0.id.hasPrefix(reference) }
    guard like.count <= 1 else { throw APIFailure.badRequest("Multiple IDs found with provided prefix: \(reference)") }
    guard let only = like.first else { throw APIFailure.notFound("No such container: \(reference)") }
    return only
  }

  /// As ``find(_:)``, but it has to run.
  ///
  /// - Throws: Beyond that a failure with status 409.
  func findRunning(_ reference: String) async throws -> TaskContainer {
    let container = try await self.find(reference)
    guard container.state == .running else {
      throw APIFailure(status: 409, message: "container \(container.id) is not running")
    }
    return container
  }
}
