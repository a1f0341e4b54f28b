// SPDX-License-Identifier: Apache-2.0

/// Lets through one at a time, in the order in which they came.
actor Turnstile {
  private var isTaken = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  /// Runs `body` when nobody else is inside.
  nonisolated func pass<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
    await self.enter()
    do {
      let result = try await body()
      await self.leave()
      return result
    } catch {
      await self.leave()
      throw error
    }
  }

  private func enter() async {
    guard self.isTaken else {
      self.isTaken = true
      return
    }
    await withCheckedContinuation { self.waiting.append($0) }
  }

  private func leave() {
    if self.waiting.isEmpty {
      self.isTaken = false
    } else {
      self.waiting.removeFirst().resume()
    }
  }
}
