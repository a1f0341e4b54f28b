// SPDX-License-Identifier: Apache-2.0

/// What swift-swarm's API has beyond Docker's.
extension Engine {
  /// Why a task has no node, or where one more like it would fit.
  package struct Explanation: Codable, Hashable, Sendable {
    /// The task.
    package var taskID: String?
    package var slot: UInt64?
    /// The node that the task has.
    package var nodeID: String?
    /// How many nodes there are.
    package var nodes: Int64?
    /// Nodes that could take such a task now.
    package var fitting: Int64?
    /// How many nodes fail each condition, in the order in which conditions are looked at; a node counts for the first one that it fails.
    package var failures: [FilterFailures]?
    /// The nodes that miss least.
    package var nearest: [NearMiss]?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case taskID = "TaskID"
      case slot = "Slot"
      case nodeID = "NodeID"
      case nodes = "Nodes"
      case fitting = "Fitting"
      case failures = "Failures"
      case nearest = "Nearest"
    }
  }

  /// A service that has to be there before another one begins.
  package struct ServiceDependency: Codable, Hashable, Sendable {
    /// The service's name.
    package var service: String?
    /// `healthy`, `started` or `completed`; absent is `healthy`.
    package var condition: String?

    package init(service: String? = nil, condition: String? = nil) {
      self.service = service
      self.condition = condition
    }

    private enum CodingKeys: String, CodingKey {
      case service = "Service"
      case condition = "Condition"
    }
  }

  /// When a job runs again by itself.
  package struct JobSchedule: Codable, Hashable, Sendable {
    /// Minute, hour, day, month and weekday in UTC; empty is no schedule.
    package var cron: String?
    /// What happens when the run before isn't over: `wait` or `replace`; absent is `wait`.
    package var ifRunning: String?

    package init(cron: String? = nil, ifRunning: String? = nil) {
      self.cron = cron
      self.ifRunning = ifRunning
    }

    private enum CodingKeys: String, CodingKey {
      case cron = "Cron"
      case ifRunning = "IfRunning"
    }
  }

  /// How many nodes fail a condition.
  package struct FilterFailures: Codable, Hashable, Sendable {
    /// The condition.
    package var filter: String?
    package var nodes: Int64?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case filter = "Filter"
      case nodes = "Nodes"
    }
  }

  /// A node that nearly fits.
  package struct NearMiss: Codable, Hashable, Sendable {
    package var nodeID: String?
    package var hostname: String?
    /// What speaks against it, each a part of a sentence.
    package var obstacles: [String]?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case nodeID = "NodeID"
      case hostname = "Hostname"
      case obstacles = "Obstacles"
    }
  }

  /// A change whose effect is to be known; one of the members is there.
  package struct PlannedChange: Codable, Hashable, Sendable {
    /// A new service.
    package var create: ServiceSpec?
    /// Another specification of a service.
    package var update: PlannedUpdate?
    /// A service going back to its previous specification.
    package var rollback: String?
    /// A service going away.
    package var remove: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case create = "Create"
      case update = "Update"
      case rollback = "Rollback"
      case remove = "Remove"
    }
  }

  /// A service and its next specification.
  package struct PlannedUpdate: Codable, Hashable, Sendable {
    package var service: String?
    package var spec: ServiceSpec?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case service = "Service"
      case spec = "Spec"
    }
  }

  /// What changes would do.
  package struct Plan: Codable, Hashable, Sendable {
    /// What would happen, in order.
    package var steps: [PlanStep]?
    /// Whether everything comes to rest within the time looked at.
    package var settled: Bool?
    /// The lowest number of running tasks at any moment, of services that lose a running task.
    package var fewestRunning: [String: Int64]?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case steps = "Steps"
      case settled = "Settled"
      case fewestRunning = "FewestRunning"
    }
  }

  /// One thing that would happen.
  package struct PlanStep: Codable, Hashable, Sendable {
    /// Nanoseconds after the change.
    package var after: Int64?
    /// The service's name.
    package var service: String?
    package var slot: UInt64?
    package var nodeID: String?
    package var hostname: String?
    /// What happens: `assigned`, `waits`, `runs`, `completes`, `stops`, `update`.
    package var event: String?
    /// Why a task waits, or the update's state.
    package var detail: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case after = "After"
      case service = "Service"
      case slot = "Slot"
      case nodeID = "NodeID"
      case hostname = "Hostname"
      case event = "Event"
      case detail = "Detail"
    }
  }
}
