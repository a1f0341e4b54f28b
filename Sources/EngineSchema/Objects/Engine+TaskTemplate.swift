// SPDX-License-Identifier: Apache-2.0

extension Engine {
  /// What each task of a service runs, and where.
  package struct TaskTemplate: Codable, Hashable, Sendable {
    /// The container or process.
    package var containerSpec: ContainerSpec?
    /// A plugin instead.
    package var pluginSpec: JSONValue?
    /// A network attachment instead.
    package var networkAttachmentSpec: JSONValue?
    /// What it may use and what is kept for it.
    package var resources: ResourceRequirements?
    /// What happens when it ends.
    package var restartPolicy: RestartPolicy?
    /// Where it may run.
    package var placement: Placement?
    /// The networks that it is on.
    package var networks: [NetworkAttachment]?
    /// Where its output goes.
    package var logDriver: Driver?
    /// Counts forced updates.
    package var forceUpdate: UInt64?
    /// `container`, or absent.
    package var runtime: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case containerSpec = "ContainerSpec"
      case pluginSpec = "PluginSpec"
      case networkAttachmentSpec = "NetworkAttachmentSpec"
      case resources = "Resources"
      case restartPolicy = "RestartPolicy"
      case placement = "Placement"
      case networks = "Networks"
      case logDriver = "LogDriver"
      case forceUpdate = "ForceUpdate"
      case runtime = "Runtime"
    }
  }

  /// What a task may use and what is kept for it.
  package struct ResourceRequirements: Codable, Hashable, Sendable {
    /// What it may use at most.
    package var limits: ResourceLimits?
    /// What is kept for it.
    package var reservations: NodeResources?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case limits = "Limits"
      case reservations = "Reservations"
    }
  }

  /// What a task may use at most.
  package struct ResourceLimits: Codable, Hashable, Sendable {
    /// Billionths of a processor; 0 or absent is no limit.
    package var nanoCPUs: Int64?
    /// Bytes of memory; 0 or absent is no limit.
    package var memoryBytes: Int64?
    /// Processes; 0 or absent is no limit.
    package var pids: Int64?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case nanoCPUs = "NanoCPUs"
      case memoryBytes = "MemoryBytes"
      case pids = "Pids"
    }
  }

  /// What happens when a task ends.
  package struct RestartPolicy: Codable, Hashable, Sendable {
    /// `none`, `on-failure` or `any`.
    package var condition: String?
    /// Nanoseconds until the next attempt.
    package var delay: Int64?
    /// Attempts within the window; 0 is any number.
    package var maxAttempts: UInt64?
    /// Nanoseconds in which attempts are counted; 0 is for ever.
    package var window: Int64?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case condition = "Condition"
      case delay = "Delay"
      case maxAttempts = "MaxAttempts"
      case window = "Window"
    }
  }

  /// Where a task may run.
  package struct Placement: Codable, Hashable, Sendable {
    /// Expressions that must all hold, for example `node.role==worker`.
    package var constraints: [String]?
    /// What tasks are spread over.
    package var preferences: [PlacementPreference]?
    /// Tasks of the service on one node; 0 is any number.
    package var maxReplicas: UInt64?
    /// Platforms that the image exists for.
    package var platforms: [Platform]?
    /// `spread` or `binpack`; absent in an update leaves it as it is. (Not in Docker.)
    package var strategy: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case constraints = "Constraints"
      case preferences = "Preferences"
      case maxReplicas = "MaxReplicas"
      case platforms = "Platforms"
      case strategy = "Strategy"
    }
  }

  /// What tasks are spread over.
  package struct PlacementPreference: Codable, Hashable, Sendable {
    /// A label with one branch per value.
    package var spread: SpreadOver?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case spread = "Spread"
    }
  }

  /// A label with one branch per value.
  package struct SpreadOver: Codable, Hashable, Sendable {
    /// For example `node.labels.rack`.
    package var spreadDescriptor: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case spreadDescriptor = "SpreadDescriptor"
    }
  }
}
