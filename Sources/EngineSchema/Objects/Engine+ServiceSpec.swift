// SPDX-License-Identifier: Apache-2.0

extension Engine {
  /// What users want of a service.
  package struct ServiceSpec: Codable, Hashable, Sendable {
    /// The service's name, unique in the swarm.
    package var name: String?
    /// Labels of the service.
    package var labels: [String: String]?
    /// What each task runs, and where.
    package var taskTemplate: TaskTemplate?
    /// How many tasks.
    package var mode: ServiceMode?
    /// How an update proceeds.
    package var updateConfig: UpdateConfig?
    /// How a rollback proceeds.
    package var rollbackConfig: UpdateConfig?
    /// Networks, at the place where older clients put them.
    package var networks: [NetworkAttachment]?
    /// What is published.
    package var endpointSpec: EndpointSpec?
    /// Services that have to be there before this one begins; absent in an update leaves them as they are. (Not in Docker.)
    package var dependencies: [ServiceDependency]?
    /// When a job runs again by itself; absent in an update leaves it as it is. (Not in Docker.)
    package var schedule: JobSchedule?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case name = "Name"
      case labels = "Labels"
      case taskTemplate = "TaskTemplate"
      case mode = "Mode"
      case updateConfig = "UpdateConfig"
      case rollbackConfig = "RollbackConfig"
      case networks = "Networks"
      case endpointSpec = "EndpointSpec"
      case dependencies = "DependsOn"
      case schedule = "Schedule"
    }
  }

  /// How many tasks a service has; exactly one is present.
  package struct ServiceMode: Codable, Hashable, Sendable {
    /// A number of equal tasks.
    package var replicated: Replicated?
    /// One task on every node.
    package var global: Empty?
    /// A number of tasks that run to completion.
    package var replicatedJob: ReplicatedJob?
    /// One task on every node, run to completion.
    package var globalJob: Empty?

    package init() {}

    /// Whether tasks run to completion.
    package var isJob: Bool { self.replicatedJob != nil || self.globalJob != nil }

    private enum CodingKeys: String, CodingKey {
      case replicated = "Replicated"
      case global = "Global"
      case replicatedJob = "ReplicatedJob"
      case globalJob = "GlobalJob"
    }
  }

  /// A number of equal tasks.
  package struct Replicated: Codable, Hashable, Sendable {
    /// How many; absent is one.
    package var replicas: UInt64?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case replicas = "Replicas"
    }
  }

  /// A number of tasks that run to completion.
  package struct ReplicatedJob: Codable, Hashable, Sendable {
    /// How many at once; absent is one.
    package var maxConcurrent: UInt64?
    /// How many in total; absent is as many as at once.
    package var totalCompletions: UInt64?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case maxConcurrent = "MaxConcurrent"
      case totalCompletions = "TotalCompletions"
    }
  }

  /// An object without members.
  package struct Empty: Codable, Hashable, Sendable {
    package init() {}
  }

  /// How an update or a rollback proceeds.
  package struct UpdateConfig: Codable, Hashable, Sendable {
    /// How many tasks at once; 0 is all.
    package var parallelism: UInt64?
    /// Nanoseconds between two tasks.
    package var delay: Int64?
    /// `pause`, `continue` or `rollback`.
    package var failureAction: String?
    /// Nanoseconds that a new task is watched for failure.
    package var monitor: Int64?
    /// The share of tasks that may fail, 0 … 1.
    package var maxFailureRatio: Double?
    /// `stop-first` or `start-first`.
    package var order: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case parallelism = "Parallelism"
      case delay = "Delay"
      case failureAction = "FailureAction"
      case monitor = "Monitor"
      case maxFailureRatio = "MaxFailureRatio"
      case order = "Order"
    }
  }

  /// What a service publishes.
  package struct EndpointSpec: Codable, Hashable, Sendable {
    /// `vip` or `dnsrr`.
    package var mode: String?
    /// The ports.
    package var ports: [PortConfig]?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case mode = "Mode"
      case ports = "Ports"
    }
  }

  /// A published port.
  package struct PortConfig: Codable, Hashable, Sendable {
    /// A name.
    package var name: String?
    /// `tcp`, `udp` or `sctp`.
    package var `protocol`: String?
    /// The port inside the task.
    package var targetPort: UInt32?
    /// The port outside; 0 or absent is any.
    package var publishedPort: UInt32?
    /// `ingress` or `host`.
    package var publishMode: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case name = "Name"
      case `protocol` = "Protocol"
      case targetPort = "TargetPort"
      case publishedPort = "PublishedPort"
      case publishMode = "PublishMode"
    }
  }

  /// A network that tasks are on.
  package struct NetworkAttachment: Codable, Hashable, Sendable {
    /// The network's id or name.
    package var target: String?
    /// Further names of the service on it.
    package var aliases: [String]?
    /// What is handed to the network's driver.
    package var driverOpts: [String: String]?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case target = "Target"
      case aliases = "Aliases"
      case driverOpts = "DriverOpts"
    }
  }
}
