// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import Logging
internal import SwarmAgent
internal import SwarmModel

/// Drives the container of one task.
///
/// Has no memory of its own: every verb looks at the engine's container first, so every verb can be repeated, by this agent or the next.
struct DockerTask: TaskController {
  private let task: SwarmTask
  private let context: TaskContext
  private let node: OpenEngine

  init(task: SwarmTask, context: TaskContext, node: OpenEngine) {
    self.task = task
    self.context = context
    self.node = node
  }

  /// The container is named like the task.
  private var name: String { self.context.taskName }

  private var spec: ContainerSpec { self.task.spec.value.container ?? ContainerSpec() }

  // MARK: Prepare

  func prepare() async throws {
    var request = try ContainerRequest(
      task: self.task,
      context: self.context,
      node: self.node.node,
      defaultNetwork: self.node.configuration.defaultNetwork
    )
    for network in request.networkNames.sorted() where try await !self.hasNetwork(network) {
      self.node.logger.notice("the engine has no network \(network)", metadata: ["task": "\(self.task.id)"])
      request.missingNetworks.insert(network)
    }
    let files = TaskFiles(
      task: self.task,
      context: self.context,
      secretsDirectory: self.node.configuration.secretsDirectory
    )
    let entries = try files.entries()
    let body = try request.body(files: entries)
    try files.write(entries)
    if try await self.container() == nil {
      let puller = ImagePuller(
        engine: self.node.engine,
        policy: self.node.configuration.pullPolicy,
        onPull: self.node.configuration.onPull,
        logger: self.node.logger
      )
      try await puller.ensure(self.spec.image, credentials: self.spec.pullOptions?.registryAuth ?? "")
      try await self.create(body)
    }
    for network in request.furtherNetworks { try await self.connect(network.name, network.body) }
  }

  private func hasNetwork(_ name: String) async throws -> Bool {
    do {
      _ = try await self.node.engine.get("/networks/\(PercentCoding.encode(name))")
      return true
    } catch let error as EngineFailure {
      guard error.status == 404 else { throw error.runtimeError }
      return false
    }
  }

  private func create(_ body: JSONValue) async throws {
    // The engine goes on making the container when nobody waits for it any more, and whoever looks for it to remove it may look too early.
    // So a cancellation is heard after this.
    let (engine, name) = (self.node.engine, self.name)
    let creation = Task { try await engine.post("/containers/create", [("name", name)], body: body) }
    do {
      let created = try await creation.value
      for warning in created["Warnings"].elements {
        self.node.logger.info("\(JSONValue?.some(warning).text)", metadata: ["task": "\(self.task.id)"])
      }
    } catch let error as EngineFailure {
      // A call that was cancelled may have made the container after all.
      if error.status == 409, try await self.container() != nil { return }
      throw error.runtimeError
    }
    try Task.checkCancellation()
  }

  private func connect(_ network: String, _ configuration: JSONValue) async throws {
    let body = JSONValue.object(["Container": .string(self.name), "EndpointConfig": configuration])
    do {
      try await self.node.engine.post("/networks/\(PercentCoding.encode(network))/connect", body: body)
    } catch let error as EngineFailure where error.message.contains("already exists in network") {
      return
    } catch let error as EngineFailure {
      throw error.runtimeError
    }
  }

  // MARK: Start

  func start() async throws -> ContainerStatus {
    guard let container = try await self.container() else {
      throw RuntimeError(code: .invalidState, message: "the task's container is gone")
    }
    if !container.wasStarted {
      do {
        try await self.node.engine.post("/containers/\(container.id)/start")
      } catch let error as EngineFailure {
        throw error.runtimeError
      }
    }
    // A container with a health check runs when it is healthy.
    for await _ in self.node.events.wakes(for: self.name) {
      guard let container = try await self.container() else {
        throw RuntimeError(code: .notFound, message: "the task's container is gone")
      }
      if container.exit != nil { return container.status }
      switch container.health {
      case .none, .healthy: return container.status
      case .unhealthy: throw Self.unhealthy
      case .starting: continue
      }
    }
    throw CancellationError()
  }

  func openPorts() async throws -> [PortConfig] {
    guard !self.task.hostPorts.isEmpty else { return [] }
    return try await self.container()?.ports ?? []
  }

  func wait() async throws -> ExitStatus {
    for await _ in self.node.events.wakes(for: self.name) {
      guard let container = try await self.container() else {
        throw RuntimeError(code: .notFound, message: "the task's container is gone")
      }
      guard container.wasStarted else {
        throw RuntimeError(code: .invalidState, message: "the task wasn't started")
      }
      if let exit = container.exit { return exit }
      if container.health == .unhealthy { throw Self.unhealthy }
    }
    throw CancellationError()
  }

  // MARK: End

  func shutdown(grace: Duration) async throws {
    guard let container = try await self.container() else { return }
    guard container.wasStarted else { return try await self.node.remove(container.id) }
    guard container.exit == nil else { return }
    try await self.signal(container, container.stopSignal.isEmpty ? "SIGTERM" : container.stopSignal)
    guard try await !self.ends(within: grace) else { return }
    try await self.terminate()
  }

  func terminate() async throws {
    guard let container = try await self.container() else { return }
    guard container.wasStarted else { return try await self.node.remove(container.id) }
    guard container.exit == nil else { return }
    try await self.signal(container, "SIGKILL")
    try await self.waitForEnd()
  }

  func remove() async throws {
    if let container = try await self.container() { try await self.node.remove(container.id) }
    TaskFiles.remove(
      secretsDirectory: self.node.configuration.secretsDirectory,
      node: self.context.nodeID,
      task: self.task.id,
      directory: self.context.directory
    )
  }

  /// Sends a signal; to a container that has ended meanwhile, it doesn't matter.
  private func signal(_ container: ContainerState, _ signal: String) async throws {
    do {
      try await self.node.engine.post("/containers/\(container.id)/kill", [("signal", signal)])
    } catch let error as EngineFailure where error.status == 404 || error.status == 409 {
      return
    } catch let error as EngineFailure {
      throw error.runtimeError
    }
  }

  private func waitForEnd() async throws {
    for await _ in self.node.events.wakes(for: self.name) {
      guard let container = try await self.container(), container.exit == nil else { return }
    }
    throw CancellationError()
  }

  /// Whether the container has ended before some time is over.
  private func ends(within time: Duration) async throws -> Bool {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await self.waitForEnd()
        return true
      }
      group.addTask {
        try await Task.sleep(for: time)
        return false
      }
      defer { group.cancelAll() }
      return try await group.next() ?? false
    }
  }

  // MARK: Logs

  func logs(_ options: LogOptions) -> LogStream {
    LogStream(unfolding: { [name, node] in
      let cursor = LogCursor(container: name, node: node, options: options)
      return { try await cursor.next() }
    })
  }

  // MARK: Commands

  func exec(
    _ request: ExecRequest,
    input: any AsyncSequence<ExecInput, any Error> & Sendable,
    output: @escaping @Sendable (ExecOutput) async throws -> Void
  ) async throws -> Int32 {
    guard let container = try await self.container(), container.wasStarted, container.exit == nil else {
      throw RuntimeError(code: .invalidState, message: "the task is not running")
    }
    do {
      return try await ContainerCommand.create(request, in: container.id, on: self.node).run(input: input, output: output)
    } catch let error as EngineFailure {
      throw error.runtimeError
    }
  }

  // MARK: Container

  /// The task's container.
  ///
  /// - Throws: ``RuntimeError/Code/exists`` when the name belongs to somebody else's.
  private func container() async throws -> ContainerState? {
    guard let container = try await self.node.container(self.name) else { return nil }
    guard container.labels[TaskLabels.task] == "\(self.task.id)", container.labels[TaskLabels.node] == "\(self.context.nodeID)"
    else {
      throw RuntimeError(code: .exists, message: "a container named \(self.name) is there that doesn't belong to the task")
    }
    return container
  }

  private static var unhealthy: RuntimeError { RuntimeError(code: .interrupted, message: "unhealthy container") }
}
