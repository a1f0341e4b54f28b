// SPDX-License-Identifier: Apache-2.0

/// Runs something that can be cut off from outside, as a power cut would.
final class Lifetime: Sendable {
  private let (cut, cutter) = AsyncStream<Never>.makeStream()

  /// Runs `body` to its end, or until ``end()``.
  func run(_ body: @escaping @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await body() }
      group.addTask { for await _ in self.cut {} }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  /// Cancels what runs.
  func end() {
    self.cutter.finish()
  }
}
