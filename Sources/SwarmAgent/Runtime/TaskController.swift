// SPDX-License-Identifier: Apache-2.0

public import SwarmModel

/// Drives one task through its life: `prepare` → `start` → `wait` → `shutdown`/`terminate` → `remove`.
///
/// The agent calls one verb at a time, with two exceptions: ``wait()`` goes on while ``shutdown(grace:)`` or
/// ``terminate()`` run, and ``logs(_:)`` and ``exec(_:input:output:)`` may be called at any time until ``remove()`` was called.
///
/// ## Errors
///
/// | thrown | by | the task becomes |
/// | --- | --- | --- |
/// | ``RuntimeError/Code/temporary`` | any verb | stays as it is; the verb is called again after one second |
/// | anything else | `prepare` | REJECTED, with the error's text |
/// | anything else | `start`, `wait` | FAILED, with the error's text, after ``terminate()`` made sure that nothing of it runs |
/// | anything else | `shutdown` | the agent goes on with ``terminate()`` |
/// | anything else | `terminate`, `remove` | FAILED (when it had not ended), and the verb is given up |
///
/// ## Cancellation
///
/// When the agent no longer wants what a verb is doing, it cancels the Swift task that the verb runs in:
/// ``prepare()`` and ``start()`` when the task is to be shut down, any verb when the agent itself stops. A
/// cancelled verb returns soon, by throwing `CancellationError` or by finishing, and leaves things so that
/// every verb can be called again. **Cancelling ``wait()`` never ends the task**: it keeps running for the
/// next agent to adopt.
public protocol TaskController: Sendable {
  /// Makes everything ready so that ``start()`` is quick: fetches images, makes directories, checks that the
  /// task can run here at all.
  ///
  /// Called again after a restart of the agent if it doesn't know that an earlier call finished.
  func prepare() async throws

  /// Starts the task, or finds it started.
  ///
  /// A task that was ever started is not started again, even when it ended meanwhile: the call then returns
  /// what it knows of it, and ``wait()`` gives the exit status. A call after ``shutdown(grace:)`` throws.
  ///
  /// - Returns: how the outside world finds the running task.
  func start() async throws -> ContainerStatus

  /// Waits for the end of the task.
  ///
  /// Can be called any number of times, also for a task that ended while no agent was there. The exit status
  /// stays known until ``remove()``.
  ///
  /// - Throws: ``RuntimeError/Code/notFound`` when the task is gone and nobody can say how it ended (the
  ///   machine was restarted).
  func wait() async throws -> ExitStatus

  /// Asks the task to end, with its own stop signal, and ends it by force when the grace period is over.
  ///
  /// Returns when the task has ended: after that ``wait()`` returns at once. For a task that wasn't started
  /// it makes sure that it never is. For one that has ended it does nothing.
  ///
  /// - Parameter grace: how long the task may take to end by itself; 10 seconds unless its spec says
  ///   otherwise.
  func shutdown(grace: Duration) async throws

  /// Ends the task at once, by force.
  ///
  /// Otherwise like ``shutdown(grace:)``.
  func terminate() async throws

  /// Frees everything that is held for the task: directories, logs, exit status.
  ///
  /// Ends the task first if it still runs.
  ///
  /// The last verb called; the controller is dropped afterwards.
  func remove() async throws

  /// What users should know of a task that was started although nothing failed, such as limits that can't be enforced; shown in its status.
  ///
  /// Each is a part of a sentence. Asked after ``start()``; the default has none.
  var warnings: [String] { get }

  /// The ports that the task itself has open on its node, as far as they are known, with the numbers in use; shown in its status.
  ///
  /// Asked after ``start()``, as a part of it: what is thrown here counts as thrown there. The default has none.
  func openPorts() async throws -> [PortConfig]

  /// What the task wrote.
  ///
  /// The stream ends after the last record; with ``LogOptions/follow`` only when the task has ended and all
  /// of it was read. The default has none.
  func logs(_ options: LogOptions) -> LogStream

  /// Runs a command beside the task, in its surroundings, until the command has ended.
  ///
  /// The command ends, by force, when the Swift task is cancelled, the input throws, or the task ends. The default has none.
  ///
  /// - Parameters:
  ///   - request: the command.
  ///   - input: what goes to it. When the sequence is over, so is its standard input. Read only when the request wants input or a terminal.
  ///   - output: takes what comes from it, piece after piece; the command waits meanwhile.
  /// - Returns: its exit code; 128 + n after signal n, 126 or 127 when it can't be executed.
  /// - Throws: ``RuntimeError/Code/unsupported`` where this can't be, ``RuntimeError/Code/invalidState`` when the task doesn't run.
  func exec(
    _ request: ExecRequest,
    input: any AsyncSequence<ExecInput, any Error> & Sendable,
    output: @escaping @Sendable (ExecOutput) async throws -> Void
  ) async throws -> Int32
}

extension TaskController {
  /// None.
  public var warnings: [String] { [] }

  /// None.
  public func openPorts() async throws -> [PortConfig] { [] }

  /// No logs: the stream fails with ``RuntimeError/Code/unsupported``.
  public func logs(_ options: LogOptions) -> LogStream {
    LogStream(failing: RuntimeError(code: .unsupported, message: "this runtime keeps no logs"))
  }

  /// No commands: fails with ``RuntimeError/Code/unsupported``.
  public func exec(
    _ request: ExecRequest,
    input: any AsyncSequence<ExecInput, any Error> & Sendable,
    output: @escaping @Sendable (ExecOutput) async throws -> Void
  ) async throws -> Int32 {
    throw RuntimeError(code: .unsupported, message: "the runtime of the task's node can't run commands beside its tasks")
  }
}
