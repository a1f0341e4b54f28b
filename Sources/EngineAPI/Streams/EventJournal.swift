// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import EngineSchema
internal import NIOCore
internal import NIOPosix
internal import Swarm
internal import SwarmModel
internal import Synchronization

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// The last events of the swarm, for clients that ask for what has happened, and those who wait for the next ones.
final class EventJournal: Sendable {
  /// How many events are remembered; dockerd remembers 256.
  static let capacity = 1_024
  /// How many events may wait for one client; beyond that it loses the oldest.
  static let backlog = 4_096

  /// How long what happens waits to be taken in while nobody reads, so that the swarm's work isn't interrupted for every bit of it.
  private static let pause = Duration.milliseconds(100)

  private struct State {
    /// Where the swarm's events come from while the node is a manager.
    var source: SwarmEvents?
    var events: Deque<Engine.Event> = []
    var readers: [UInt64: AsyncStream<Engine.Event>.Continuation] = [:]
    var lastReader: UInt64 = 0

    /// Takes in what has happened, and tells it to everybody.
    mutating func catchUp() {
      for event in self.source?.take() ?? [] {
        guard let event = Engine.Event(event) else { continue }
        self.events.append(event)
        if self.events.count > EventJournal.capacity { self.events.removeFirst() }
        for reader in self.readers.values { reader.yield(event) }
      }
    }
  }

  private let state = Mutex(State())

  /// Takes in what happens, whenever the node is a manager, until the task is cancelled.
  func run(_ backend: any SwarmBackend) async {
    while !Task.isCancelled {
      if backend.local.controlAvailable, let events = await Self.events(of: backend) {
        self.state.withLock { $0.source = events }
        defer { self.state.withLock { $0.source = nil } }
        while await events.wait() {
          let hasReaders = self.state.withLock { state in
            state.catchUp()
            return !state.readers.isEmpty
          }
          if !hasReaders { try? await Task.sleep(for: Self.pause) }
        }
      }
      try? await Task.sleep(for: .milliseconds(100))
    }
  }

  /// What is remembered, and what happens from now on.
  ///
  /// - Parameter until: when to end, in nanoseconds since 1970; `nil` is never.
  func read(until: Int64?) -> (past: [Engine.Event], news: AsyncStream<Engine.Event>) {
    let (news, continuation) = AsyncStream<Engine.Event>.makeStream(bufferingPolicy: .bufferingNewest(Self.backlog))
    let (number, past) = self.state.withLock { state in
      state.catchUp()
      state.lastReader += 1
      state.readers[state.lastReader] = continuation
      return (state.lastReader, Array(state.events))
    }
    let end = until.map { until in
      let (left, isLongAgo) = until.subtractingReportingOverflow(Self.now)
      return MultiThreadedEventLoopGroup.singleton.next().scheduleTask(in: .nanoseconds(isLongAgo ? 0 : max(0, left))) {
        continuation.finish()
      }
    }
    continuation.onTermination = { _ in
      end?.cancel()
      self.state.withLock { _ = $0.readers.removeValue(forKey: number) }
    }
    return (past, news)
  }

  /// The time, in nanoseconds since 1970.
  static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1e9) }

  /// What happens once the node knows everything that has happened before: its own log, which it goes through at its start, is no news.
  private static func events(of backend: any SwarmBackend) async -> SwarmEvents? {
    guard (try? await backend.cluster()) != nil else { return nil }
    return try? backend.events()
  }
}
