// SPDX-License-Identifier: Apache-2.0

extension Engine {
  /// A service of the swarm.
  package struct Service: Codable, Hashable, Sendable {
    /// The object's 25-character id.
    package var id: String?
    /// Grows with each write of the object; an update must name the one it was read at.
    package var version: ObjectVersion?
    /// When the object was made.
    package var createdAt: EngineTime?
    /// When the object was last written.
    package var updatedAt: EngineTime?
    /// What users want.
    package var spec: ServiceSpec?
    /// What they wanted before the last update; a rollback goes there.
    package var previousSpec: ServiceSpec?
    /// Where the service is reached.
    package var endpoint: ServiceEndpoint?
    /// How the last update goes; absent when there was none.
    package var updateStatus: UpdateStatus?
    /// Counts of its tasks; only when asked for with `status=true`.
    package var serviceStatus: ServiceStatus?
    /// How the job goes; only for jobs.
    package var jobStatus: JobStatus?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case id = "ID"
      case version = "Version"
      case createdAt = "CreatedAt"
      case updatedAt = "UpdatedAt"
      case spec = "Spec"
      case previousSpec = "PreviousSpec"
      case endpoint = "Endpoint"
      case updateStatus = "UpdateStatus"
      case serviceStatus = "ServiceStatus"
      case jobStatus = "JobStatus"
    }
  }

  /// Where a service is reached.
  package struct ServiceEndpoint: Codable, Hashable, Sendable {
    /// What users want.
    package var spec: EndpointSpec?
    /// The ports that are published.
    package var ports: [PortConfig]?
    /// One address per network.
    package var virtualIPs: [VirtualIP]?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case spec = "Spec"
      case ports = "Ports"
      case virtualIPs = "VirtualIPs"
    }
  }

  /// A service's address on one network.
  package struct VirtualIP: Codable, Hashable, Sendable {
    /// The network.
    package var networkID: String?
    /// The address with its prefix length.
    package var addr: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case networkID = "NetworkID"
      case addr = "Addr"
    }
  }

  /// How an update goes.
  package struct UpdateStatus: Codable, Hashable, Sendable {
    /// `updating`, `paused`, `completed`, `rollback_started`, `rollback_paused` or `rollback_completed`.
    package var state: String?
    /// When it began.
    package var startedAt: EngineTime?
    /// When it ended.
    package var completedAt: EngineTime?
    /// A sentence about it.
    package var message: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case state = "State"
      case startedAt = "StartedAt"
      case completedAt = "CompletedAt"
      case message = "Message"
    }
  }

  /// Counts of a service's tasks.
  package struct ServiceStatus: Codable, Hashable, Sendable {
    /// Tasks that run.
    package var runningTasks: UInt64?
    /// Tasks that should run.
    package var desiredTasks: UInt64?
    /// Tasks of a job that have completed.
    package var completedTasks: UInt64?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case runningTasks = "RunningTasks"
      case desiredTasks = "DesiredTasks"
      case completedTasks = "CompletedTasks"
    }
  }

  /// How a job goes.
  package struct JobStatus: Codable, Hashable, Sendable {
    /// Grows with each start of the job.
    package var jobIteration: ObjectVersion?
    /// When it last started.
    package var lastExecution: EngineTime?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case jobIteration = "JobIteration"
      case lastExecution = "LastExecution"
    }
  }
}
