// SPDX-License-Identifier: Apache-2.0

public import SwarmModel

/// What runs the tasks of a node: processes, containers, closures, virtual machines.
///
/// A host plugs one runtime into its agent. The agent owns every decision (when a task is prepared, started,
/// stopped, removed); the runtime only carries it out, through one ``TaskController`` per task.
///
/// ## What an implementation promises
///
/// - **A task id is run at most once.** Tasks are never restarted; a restart is a new task with a new id.
/// - **Tasks outlive agents.** After a crash or restart of the agent the runtime is asked again for the
///   controllers of the tasks it already knows. It finds what it made before by the task's id, without
///   starting anything. A runtime whose tasks can't outlive the process says so by failing
///   ``TaskController/wait()`` with ``RuntimeError/Code/notFound``.
/// - **Everything can be called again.** Any verb may be repeated after an error, a cancellation or a
///   restart, and goes on where the first call left off.
public protocol ContainerRuntime: Sendable {
  /// Tells the runtime whose tasks it is going to run.
  ///
  /// Called at every start of an agent, before anything else. The default does nothing.
  ///
  /// - Throws: an error ends the agent.
  func open(_ node: NodeContext) async throws

  /// Whatever the runtime has to do in the background while an agent uses it, like renewing the lease of its
  /// tasks.
  ///
  /// Runs from after ``open(_:)`` until the agent cancels it at its end; returning earlier is fine. The
  /// default returns at once.
  ///
  /// - Throws: an error ends the agent.
  func run() async throws

  /// Describes this node: what managers schedule by.
  ///
  /// Asked at start and every 20 seconds afterwards; a changed answer reaches the managers by itself.
  func describe() async throws -> RuntimeDescription

  /// Makes the controller of a task, or finds again what already exists for this task's id.
  ///
  /// Called once per task in the life of an agent, before any verb. It starts nothing and should be quick:
  /// whatever takes time (fetching images, making directories) belongs into ``TaskController/prepare()``.
  ///
  /// - Parameters:
  ///   - task: the task as the manager assigned it. Its `spec` never changes in the life of the task.
  ///   - context: where the task runs and what its name and directory are.
  /// - Throws: an error means that this task can't run here: it is rejected (or failed, when it had started
  ///   before). With ``RuntimeError/Code/temporary`` the agent asks again after one second.
  func controller(for task: SwarmTask, context: TaskContext) async throws -> any TaskController

  /// The ids of all tasks that the runtime holds anything for, running or not.
  ///
  /// At its start the agent calls ``discard(_:)`` with those that it has no record of: leftovers, and tasks
  /// that were being prepared when an earlier agent died (a record is made before a task is started, not
  /// earlier). The default answers with none.
  func knownTasks() async throws -> [TaskID]

  /// What running tasks use now; asked when a user wants to know.
  ///
  /// The default answers with nothing.
  ///
  /// - Parameter tasks: whose usage is wanted; of those that don't run, or can't be measured, nothing is told.
  func usage(of tasks: [TaskID]) async throws -> [TaskUsage]

  /// Ends a task that no agent knows any more, at once, and removes all that is left of it.
  ///
  /// The default does nothing.
  func discard(_ task: TaskID) async throws
}

extension ContainerRuntime {
  /// Does nothing.
  public func open(_ node: NodeContext) async throws {}

  /// Returns at once: nothing to do in the background.
  public func run() async throws {}

  /// None: a runtime that keeps nothing across restarts has nothing to clean up.
  public func knownTasks() async throws -> [TaskID] { [] }

  /// None: this runtime doesn't measure.
  public func usage(of tasks: [TaskID]) async throws -> [TaskUsage] { [] }

  /// Nothing to do for a runtime that keeps nothing across restarts.
  public func discard(_ task: TaskID) async throws {}
}
