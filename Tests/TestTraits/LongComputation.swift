// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
public import Testing

/// A test that computes for long and waits for nothing: it runs on the one thread that all such tests share.
///
/// All other tests share a thread per core. Long computations among them would keep tests of sockets and processes waiting for seconds at each
/// step, while the deadlines of what they test pass.
public struct LongComputation: TestTrait, SuiteTrait, TestScoping {
  /// A suite with this trait gives it to all of its tests.
  public let isRecursive = true

  /// Runs a test on the shared thread.
  public func provideScope(
    for test: Test,
    testCase: Test.Case?,
    performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    try await withTaskExecutorPreference(ComputingThread.shared) { try await function() }
  }
}

extension Trait where Self == LongComputation {
  /// The test computes for long and waits for nothing.
  public static var longComputation: LongComputation { LongComputation() }
}

/// Carries out one job after the other, beside the threads of all other tasks.
private final class ComputingThread: TaskExecutor {
  static let shared = ComputingThread()

  private let queue = DispatchQueue(label: "long computations")

  func enqueue(_ job: consuming ExecutorJob) {
    // A job lives until it has run, and the executor for as long as the process.
    let job = UnownedJob(job)
    let executor = unsafe self.asUnownedTaskExecutor()
    self.queue.async { unsafe job.runSynchronously(on: executor) }
  }
}
