// SPDX-License-Identifier: Apache-2.0

/// Why a task has no node, or has the one it has: what each node says to it.
public struct PlacementExplanation: Sendable, Hashable {
  /// The task.
  public var task: TaskID
  /// The node that the task has; then the rest says where one more like it would fit.
  public var node: NodeID?
  /// How many nodes the task could have, which of a global service is only one: the sum of ``fitting`` and all ``failures``.
  public var nodes: Int
  /// Nodes that could take a task like this one now.
  public var fitting: Int
  /// How many nodes fail each filter; a node counts for the first one that it fails, in the order of the filters.
  public var failures: [PlacementFilter: Int]
  /// The nodes that miss least, the nearest first: those that fail the fewest filters, and of these the ones that lack the least.
  public var nearest: [NearMiss]

  /// Creates an explanation.
  public init(
    task: TaskID,
    node: NodeID? = nil,
    nodes: Int = 0,
    fitting: Int = 0,
    failures: [PlacementFilter: Int] = [:],
    nearest: [NearMiss] = []
  ) {
    self.task = task
    self.node = node
    self.nodes = nodes
    self.fitting = fitting
    self.failures = failures
    self.nearest = nearest
  }

  /// A node that nearly fits.
  public struct NearMiss: Sendable, Hashable {
    /// The node.
    public var node: NodeID
    /// The node's host name.
    public var hostname: String
    /// Everything that speaks against the node.
    public var obstacles: [Obstacle]

    /// Creates a near miss.
    public init(node: NodeID, hostname: String, obstacles: [Obstacle]) {
      self.node = node
      self.hostname = hostname
      self.obstacles = obstacles
    }
  }

  /// One thing that speaks against a node.
  public enum Obstacle: Sendable, Hashable {
    /// The node takes no new tasks: it isn't ready, or isn't active.
    case unavailable(NodeStatus.State, NodeSpec.Availability)
    /// So many billionths of a core are missing.
    case processorTime(missing: Int64)
    /// So many bytes are missing.
    case memory(missing: Int64)
    /// So many things of a kind are missing.
    case generic(kind: String, missing: Int64)
    /// The node's engine lacks a plugin.
    case plugin(type: String, name: String)
    /// The node doesn't meet a constraint; `actual` is what it has instead.
    case constraint(String, actual: String?)
    /// The node's platform is none of those that the task runs on.
    case platform(Platform?)
    /// A port is taken.
    case hostPort(UInt32, PortConfig.ProtocolKind)
    /// The node has as many tasks of the service as it may have.
    case maxReplicas(UInt64)
    /// The tasks there, or those that aren't there, don't go with this one; the constraint says which, `nil` when a neighbour minds.
    case affinity(String?)

    /// The filter that this obstacle fails.
    public var filter: PlacementFilter {
      switch self {
      case .unavailable: .availability
      case .processorTime, .memory, .generic: .resources
      case .plugin: .plugins
      case .constraint: .constraints
      case .platform: .platform
      case .hostPort: .hostPorts
      case .maxReplicas: .maxReplicas
      case .affinity: .affinity
      }
    }
  }
}

/// The conditions that a node is asked for, in the order in which they are asked (SwarmKit's pipeline, and neighbours).
public enum PlacementFilter: Int, Sendable, Hashable, CaseIterable {
  /// The node is ready and active.
  case availability
  /// What the task reserves is free.
  case resources
  /// The drivers of the task's volumes, networks and logs are there.
  case plugins
  /// The constraints hold.
  case constraints
  /// The task runs on the node's platform.
  case platform
  /// The task's host ports are free.
  case hostPorts
  /// The service has fewer tasks there than it may have.
  case maxReplicas
  /// The services that have to be there are there, and the others aren't.
  case affinity
}
