// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import EngineSchema
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import SwarmAgent
internal import Synchronization

/// Hears from the engine what happens to containers, and wakes those who wait for one.
///
/// A wake says only that it is time to look: whoever waits looks at the container itself. So nothing is lost when the stream of events
/// breaks; after each beginning of the stream all are woken.
final class ContainerEvents: Sendable {
  private static let shortestPause = Duration.milliseconds(100)
  private static let longestPause = Duration.seconds(2)
  /// What can change what a waiter waits for.
  private static let actions = ["start", "die", "destroy", "oom", "health_status"]

  private struct State {
    var waiters: [String: [Int: AsyncStream<Void>.Continuation]] = [:]
    var nextWaiter = 0
  }

  private let label: String
  private let logger: Logger
  private let state = Mutex(State())

  /// - Parameter label: The label, `key=value`, of the containers to hear of.
  init(label: String, logger: Logger) {
    self.label = label
    self.logger = logger
  }

  /// Wakes for a container, by name; one wake is due at once.
  func wakes(for name: String) -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let number = self.state.withLock { state in
      state.nextWaiter += 1
      state.waiters[name, default: [:]][state.nextWaiter] = continuation
      return state.nextWaiter
    }
    continuation.onTermination = { [weak self] _ in
      self?.state.withLock { state in
        state.waiters[name]?[number] = nil
        if state.waiters[name]?.isEmpty ?? false { state.waiters[name] = nil }
      }
    }
    continuation.yield()
    return stream
  }

  /// How many wait.
  var waiterCount: Int { self.state.withLock { $0.waiters.values.reduce(0) { $0 + $1.count } } }

  func wake(_ name: String) {
    let waiters = self.state.withLock { $0.waiters[name].map { Array($0.values) } ?? [] }
    for waiter in waiters { waiter.yield() }
  }

  private func wakeAll() {
    let waiters = self.state.withLock { $0.waiters.values.flatMap(\.values) }
    for waiter in waiters { waiter.yield() }
  }

  /// Listens until it is cancelled.
  func run(_ engine: DockerEngine) async throws {
    var pause = Self.shortestPause
    while !Task.isCancelled {
      do {
        try await self.listen(engine) { pause = Self.shortestPause }
      } catch {
        self.logger.debug("the engine's events broke off", metadata: ["error": "\(error)"])
      }
      try await Task.sleep(for: pause)
      pause = min(pause * 2, Self.longestPause)
    }
  }

  private func listen(_ engine: DockerEngine, _ begun: () -> Void) async throws {
    let filters = EngineFilters(["type": ["container"], "label": [self.label], "event": Self.actions])
    let body = try await engine.stream(.GET, "/events", [("filters", filters.queryText)])
    begun()
    // What happened while nobody listened is found by looking.
    self.wakeAll()
    var reader = LineReader()
    try await engine.translated {
      for try await bytes in body {
        for event in reader.read(bytes.readableBytesView) { self.wake(event["Actor"]?["Attributes"]?["name"].text ?? "") }
      }
    }
  }
}
