// SPDX-License-Identifier: Apache-2.0

public import SwarmModel
internal import Synchronization

/// A hollow runtime: tasks are entries in a table and do nothing but start, run and end as they are told.
///
/// For tests and benchmarks: thousands of tasks cost next to nothing. The table belongs to the runtime, not
/// to an agent, so a second agent that is given the same runtime adopts the tasks of the first.
///
/// ```swift
/// let runtime = InMemoryRuntime { task in
///   task.serviceAnnotations.name == "job" ? .init(exit: .init(after: .seconds(1), code: 0)) : .init()
/// }
/// ```
public final class InMemoryRuntime: ContainerRuntime {
  /// What a task does.
  public struct Behavior: Sendable, Hashable {
    /// How long preparing takes.
    public var prepareDelay: Duration
    /// How long starting takes.
    public var startDelay: Duration
    /// What preparing fails with.
    public var prepareError: RuntimeError?
    /// What starting fails with.
    public var startError: RuntimeError?
    /// When and how the task ends by itself; nil means that it runs until it is stopped.
    public var exit: Exit?
    /// Whether the task only ends by force.
    public var ignoresShutdown: Bool

    /// Creates a behaviour; by default a task starts at once and runs until it is stopped.
    public init(
      prepareDelay: Duration = .zero,
      startDelay: Duration = .zero,
      prepareError: RuntimeError? = nil,
      startError: RuntimeError? = nil,
      exit: Exit? = nil,
      ignoresShutdown: Bool = false
    ) {
      self.prepareDelay = prepareDelay
      self.startDelay = startDelay
      self.prepareError = prepareError
      self.startError = startError
      self.exit = exit
      self.ignoresShutdown = ignoresShutdown
    }

    /// An end that a task finds by itself.
    public struct Exit: Sendable, Hashable {
      /// How long after its start.
      public var after: Duration
      /// The exit code.
      public var code: Int32

      /// Creates an end.
      public init(after: Duration, code: Int32) {
        self.after = after
        self.code = code
      }
    }
  }

  private let description: RuntimeDescription
  private let behavior: @Sendable (SwarmTask) -> Behavior
  private let clock: AgentClock
  private let tasks = Mutex<[TaskID: InMemoryTask]>([:])

  /// Creates a runtime.
  ///
  /// - Parameters:
  ///   - description: what the node claims to be; by default one with 8 CPUs and 16 GiB.
  ///   - behavior: what each task does.
  public convenience init(
    description: RuntimeDescription = InMemoryRuntime.defaultDescription,
    behavior: @escaping @Sendable (SwarmTask) -> Behavior = { _ in Behavior() }
  ) {
    self.init(description: description, clock: .system, behavior: behavior)
  }

  package init(
    description: RuntimeDescription = InMemoryRuntime.defaultDescription,
    clock: AgentClock,
    behavior: @escaping @Sendable (SwarmTask) -> Behavior = { _ in Behavior() }
  ) {
    self.description = description
    self.behavior = behavior
    self.clock = clock
  }

  /// A node named `hollow` with 8 CPUs and 16 GiB of memory.
  public static var defaultDescription: RuntimeDescription {
    RuntimeDescription(
      hostname: "hollow",
      platform: Platform(architecture: "x86_64", os: "linux"),
      resources: Resources(nanoCPUs: 8_000_000_000, memoryBytes: 16 << 30),
      engineVersion: "in-memory"
    )
  }

  /// What was given at the start.
  public func describe() async throws -> RuntimeDescription { self.description }

  /// Finds or makes the entry of a task.
  public func controller(for task: SwarmTask, context: TaskContext) async throws -> any TaskController {
    self.tasks.withLock { tasks in
      if let known = tasks[task.id] { return known }
      let made = InMemoryTask(id: task.id, behavior: self.behavior(task), clock: self.clock) { [weak self] in
        self?.forget(task.id)
      }
      tasks[task.id] = made
      return made
    }
  }

  /// The tasks in the table, sorted.
  public func knownTasks() async throws -> [TaskID] { self.taskIDs }

  /// Ends a task and takes it out of the table.
  public func discard(_ task: TaskID) async throws {
    let known = self.tasks.withLock { $0[task] }
    try await known?.remove()
  }

  /// The tasks in the table, sorted.
  public var taskIDs: [TaskID] { self.tasks.withLock { $0.keys.sorted() } }

  /// The tasks that run now, sorted.
  public var runningTaskIDs: [TaskID] {
    self.tasks.withLock { $0.filter { $0.value.isRunning }.keys.sorted() }
  }

  /// How often a task was really started: 0 or 1, unless an agent broke the rules.
  public func startCount(of task: TaskID) -> Int {
    self.tasks.withLock { $0[task]?.startCount ?? 0 }
  }

  /// Makes a running task end by itself.
  ///
  /// Does nothing for one that doesn't run.
  public func end(_ task: TaskID, code: Int32) {
    self.tasks.withLock { $0[task] }?.end(code: code)
  }

  private func forget(_ task: TaskID) {
    self.tasks.withLock { $0[task] = nil }
  }
}
