// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
public import Logging
public import SwarmAgent
public import SwarmModel
internal import Synchronization

/// Runs tasks as containers of a Docker Engine on the same machine.
///
/// Containers are named like their tasks and labelled with node and task; by these labels a restarted agent finds what runs, and what ran.
/// What happens to containers is heard from the engine's events. The engine may serve others beside: containers without this node's label
/// are never touched.
///
/// The engine's own network is used: a task that names no network is on ``DockerRuntimeConfiguration/defaultNetwork``, and one that names
/// some is on the engine's networks of these names. Secrets and configs are files that this process writes and the engine mounts.
public final class DockerRuntime: ContainerRuntime {
  private let configuration: DockerRuntimeConfiguration
  private let logger: Logger
  private let current = Mutex<OpenEngine?>(nil)

  /// Creates a runtime; nothing happens before ``open(_:)``.
  public init(
    configuration: DockerRuntimeConfiguration = DockerRuntimeConfiguration(),
    logger: Logger = Logger(label: "docker-runtime")
  ) {
    self.configuration = configuration
    self.logger = logger
  }

  /// Connects to the engine.
  ///
  /// - Throws: ``RuntimeError`` when it can't be reached, or isn't one.
  public func open(_ node: NodeContext) async throws {
    try self.configuration.validate()
    await self.close()
    let engine = try await DockerEngine.connect(socketPath: self.configuration.socketPath)
    let events = ContainerEvents(label: TaskLabels.filter(node.nodeID), logger: self.logger)
    let opened = OpenEngine(engine: engine, events: events, node: node, configuration: self.configuration, logger: self.logger)
    try await Self.removeStrays(opened)
    self.current.withLock { $0 = opened }
  }

  /// Removes containers of a node that had this directory before this one had it.
  private static func removeStrays(_ opened: OpenEngine) async throws {
    for container in try await opened.containers(["\(TaskLabels.directory)=\(opened.node.directory)"])
    where container["Labels"]?[TaskLabels.node].text != "\(opened.node.nodeID)" {
      try await opened.remove(container["Id"].text)
    }
  }

  /// Listens to the engine's events until the agent ends, and lets go of the engine then; containers go on.
  public func run() async throws {
    let opened = try self.opened()
    do {
      try await opened.events.run(opened.engine)
    } catch {
      await opened.engine.close()
      throw error
    }
    await opened.engine.close()
  }

  /// Lets go of the engine: what the end of ``run()`` does, for hosts that don't call it.
  public func close() async {
    let opened = self.current.withLock { current in
      defer { current = nil }
      return current
    }
    await opened?.engine.close()
  }

  /// The engine's machine, version and plugins.
  public func describe() async throws -> RuntimeDescription {
    let info = try await self.opened().engine.get("/info")
    var labels: [String: String] = [:]
    for label in info["Labels"].elements {
      let parts = JSONValue?.some(label).text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if let key = parts.first { labels[String(key)] = parts.count > 1 ? String(parts[1]) : "" }
    }
    var plugins: [PluginDescription] = []
    for type in ["Volume", "Network", "Log"] {
      for name in info["Plugins"]?[type].elements ?? [] {
        plugins.append(PluginDescription(type: type, name: JSONValue?.some(name).text))
      }
    }
    return RuntimeDescription(
      hostname: self.configuration.hostname.isEmpty ? info["Name"].text : self.configuration.hostname,
      platform: Platform(architecture: info["Architecture"].text, os: info["OSType"].text),
      resources: Resources(
        nanoCPUs: (info["NCPU"].whole ?? 0).multipliedReportingOverflow(by: 1_000_000_000).partialValue,
        memoryBytes: info["MemTotal"].whole ?? 0
      ),
      engineVersion: info["ServerVersion"].text,
      labels: labels,
      plugins: plugins.sorted { ($0.type, $0.name) < ($1.type, $1.name) }
    )
  }

  /// The controller of a task; finds the container that an earlier agent made.
  public func controller(for task: SwarmTask, context: TaskContext) async throws -> any TaskController {
    DockerTask(task: task, context: context, node: try self.opened())
  }

  /// The ids of all tasks that have a container, or secrets.
  public func knownTasks() async throws -> [TaskID] {
    let opened = try self.opened()
    let labelled = try await opened.containers([TaskLabels.filter(opened.node.nodeID)])
      .compactMap { TaskID($0["Labels"]?[TaskLabels.task].text ?? "") }
    let files = TaskFiles.tasks(secretsDirectory: self.configuration.secretsDirectory, node: opened.node.nodeID)
    return Set(labelled + files).sorted()
  }

  /// What the containers of running tasks use, as the engine measures it.
  public func usage(of tasks: [TaskID]) async throws -> [TaskUsage] { try await self.opened().usage(of: tasks) }

  /// Removes a task's containers and secrets.
  public func discard(_ task: TaskID) async throws {
    let opened = try self.opened()
    for container in try await opened.containers([TaskLabels.filter(opened.node.nodeID), "\(TaskLabels.task)=\(task)"]) {
      try await opened.remove(container["Id"].text)
    }
    TaskFiles.remove(
      secretsDirectory: self.configuration.secretsDirectory,
      node: opened.node.nodeID,
      task: task,
      directory: opened.node.directory(of: task)
    )
  }

  private func opened() throws(RuntimeError) -> OpenEngine {
    guard let opened = self.current.withLock(\.self) else {
      throw RuntimeError(code: .invalidState, message: "the Docker runtime isn't open")
    }
    return opened
  }
}
