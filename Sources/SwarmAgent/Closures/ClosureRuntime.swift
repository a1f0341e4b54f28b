// SPDX-License-Identifier: Apache-2.0

public import SwarmModel
internal import Synchronization

/// A runtime whose tasks are Swift closures of the program itself: the image's name says which one.
///
/// ```swift
/// let runtime = ClosureRuntime(images: [
///   "greeter": { task in
///     while true {
///       task.print("hello from \(task.context.taskName)")
///       try await Task.sleep(for: .seconds(1))
///     }
///   }
/// ])
/// ```
///
/// A closure that returns completes its task; one that throws fails it, with the exit code of ``ClosureExit``
/// or else 1. Stopping a task cancels its closure, which has the task's grace period to return. **No closure
/// can be ended by force**: one that ignores its cancellation is reported as FAILED and runs on.
///
/// Closures run inside ``run()``, so they end with the agent; a later agent finds them FAILED.
public final class ClosureRuntime: ContainerRuntime {
  /// What a task runs.
  public typealias Body = @Sendable (ClosureTask) async throws -> Void

  private let description: RuntimeDescription
  private let images: [String: Body]
  private let logLimit: Int
  private let clock: AgentClock
  private let jobs = Mailbox<ClosureController>()
  private let controllers = Mutex<[TaskID: ClosureController]>([:])

  /// Creates a runtime.
  ///
  /// - Parameters:
  ///   - description: what the node is; by default one named `closures` with 8 CPUs and 16 GiB.
  ///   - images: the closures by image name. A tag or digest in a task's image is ignored when there is no
  ///     closure of the full name.
  ///   - logLimit: how many of its last lines are kept per task.
  public convenience init(
    description: RuntimeDescription = ClosureRuntime.defaultDescription,
    images: [String: Body],
    logLimit: Int = 1_000
  ) {
    self.init(description: description, images: images, logLimit: logLimit, clock: .system)
  }

  package init(description: RuntimeDescription, images: [String: Body], logLimit: Int = 1_000, clock: AgentClock) {
    self.description = description
    self.images = images
    self.logLimit = logLimit
    self.clock = clock
  }

  /// A node named `closures` with 8 CPUs and 16 GiB of memory to reserve.
  public static var defaultDescription: RuntimeDescription {
    RuntimeDescription(
      hostname: "closures",
      platform: Platform(architecture: "x86_64", os: "linux"),
      resources: Resources(nanoCPUs: 8_000_000_000, memoryBytes: 16 << 30),
      engineVersion: "closures"
    )
  }

  /// What was given at the start.
  public func describe() async throws -> RuntimeDescription { self.description }

  /// Runs the closures of started tasks until it is cancelled; then they are cancelled too.
  public func run() async throws {
    await withDiscardingTaskGroup { group in
      while let jobs = await self.jobs.next() {
        for job in jobs { group.addTask { await job.runBody() } }
      }
      group.cancelAll()
    }
  }

  /// Finds the closure of a task's image.
  ///
  /// - Throws: ``RuntimeError/Code/notFound`` when there is none.
  public func controller(for task: SwarmTask, context: TaskContext) async throws -> any TaskController {
    if let known = self.controllers.withLock({ $0[task.id] }) { return known }
    let image = task.spec.value.container?.image ?? ""
    guard let body = self.images[image] ?? self.images[Self.name(of: image)] else {
      throw RuntimeError(code: .notFound, message: "No such image: \(image)")
    }
    let environment = try context.environment(for: task)
    let log = LogBuffer(limit: self.logLimit)
    let controller = ClosureController(
      task: ClosureTask(task: task, context: context, environment: environment, log: log, clock: self.clock),
      body: body,
      log: log,
      clock: self.clock,
      begin: { [jobs] in jobs.post($0) },
      forget: { [weak self] in self?.forget(task.id) }
    )
    return self.controllers.withLock { controllers in
      if let known = controllers[task.id] { return known }
      controllers[task.id] = controller
      return controller
    }
  }

  /// The tasks that have a closure here, sorted.
  public func knownTasks() async throws -> [TaskID] { self.controllers.withLock { $0.keys.sorted() } }

  /// Cancels a task's closure and forgets the task.
  public func discard(_ task: TaskID) async throws {
    let known = self.controllers.withLock { $0[task] }
    try await known?.remove()
  }

  private func forget(_ task: TaskID) {
    self.controllers.withLock { $0[task] = nil }
  }

  /// An image's name without tag and digest.
  private static func name(of image: String) -> String {
    let name = image.prefix { $0 != "@" }
    guard let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") else { return String(name) }
    return String(name[..<colon])
  }
}
