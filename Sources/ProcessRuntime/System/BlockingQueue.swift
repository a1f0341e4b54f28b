// SPDX-License-Identifier: Apache-2.0

internal import Dispatch

/// Runs work that blocks (files, spawning) on threads of its own, so that it never holds one of the few threads that run Swift tasks.
struct BlockingQueue: Sendable {
  private let queue = DispatchQueue(label: "swarm.process-runtime.files", attributes: .concurrent)

  /// Runs the work and returns its result.
  ///
  /// Not cancelled: the work is short.
  func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      self.queue.async {
        continuation.resume(with: Swift.Result { try work() })
      }
    }
  }
}
