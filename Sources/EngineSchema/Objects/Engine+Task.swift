// SPDX-License-Identifier: Apache-2.0

extension Engine {
  /// One run of a service's work on one node.
  package struct Task: Codable, Hashable, Sendable {
    /// The object's 25-character id.
    package var id: String?
    /// Grows with each write of the object; an update must name the one it was read at.
    package var version: ObjectVersion?
    /// When the object was made.
    package var createdAt: EngineTime?
    /// When the object was last written.
    package var updatedAt: EngineTime?
    /// A name of its own; usually absent.
    package var name: String?
    /// Labels of the task.
    package var labels: [String: String]?
    /// The template that it was made from.
    package var spec: TaskTemplate?
    /// The service that it belongs to.
    package var serviceID: String?
    /// Its number in a replicated service; absent in a global one.
    package var slot: UInt64?
    /// The node that runs it; absent until one is found.
    package var nodeID: String?
    /// What is known of it.
    package var status: TaskStatus?
    /// What it should be.
    package var desiredState: String?
    /// The networks that it is on.
    package var networksAttachments: [TaskNetwork]?
    /// The iteration of a job that it belongs to.
    package var jobIteration: ObjectVersion?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case id = "ID"
      case version = "Version"
      case createdAt = "CreatedAt"
      case updatedAt = "UpdatedAt"
      case name = "Name"
      case labels = "Labels"
      case spec = "Spec"
      case serviceID = "ServiceID"
      case slot = "Slot"
      case nodeID = "NodeID"
      case status = "Status"
      case desiredState = "DesiredState"
      case networksAttachments = "NetworksAttachments"
      case jobIteration = "JobIteration"
    }
  }

  /// What is known of a task.
  package struct TaskStatus: Codable, Hashable, Sendable {
    /// When this was seen.
    package var timestamp: EngineTime?
    /// `new`, `allocated`, `pending`, `assigned`, `accepted`, `preparing`, `ready`, `starting`, `running`, `complete`,
    /// `shutdown`, `failed`, `rejected`, `remove` or `orphaned`.
    package var state: String?
    /// A word about it.
    package var message: String?
    /// What went wrong.
    package var err: String?
    /// The container; absent until there is one.
    package var containerStatus: ContainerStatus?
    /// The ports that this task itself publishes.
    package var portStatus: PortStatus?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case timestamp = "Timestamp"
      case state = "State"
      case message = "Message"
      case err = "Err"
      case containerStatus = "ContainerStatus"
      case portStatus = "PortStatus"
    }
  }

  /// What is known of a task's container.
  package struct ContainerStatus: Codable, Hashable, Sendable {
    /// Its id.
    package var containerID: String?
    /// Its first process.
    package var pid: Int64?
    /// How that process ended.
    package var exitCode: Int64?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case containerID = "ContainerID"
      case pid = "PID"
      case exitCode = "ExitCode"
    }
  }

  /// The ports that a task itself publishes.
  package struct PortStatus: Codable, Hashable, Sendable {
    /// The ports.
    package var ports: [PortConfig]?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case ports = "Ports"
    }
  }
}
