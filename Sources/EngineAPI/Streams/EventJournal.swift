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

  private struct State {
    var events: Deque<Engine.Event> = []
    var readers: [UInt64: AsyncStream<Engine.Event>.Continuation] = [:]
    var lastReader: UInt64 = 0
  }

  private let state = Mutex(State())

  /// Takes in what happens, whenever the node is a manager, until the task is cancelled.
  func run(_ backend: any SwarmBackend) async {
    while !Task.isCancelled {
      if backend.local.controlAvailable, let events = await Self.events(of: backend) {
        for await event in events {
          if let event = Engine.Event(event, now: Self.now) { self.record(event) }
        }
      }
      try? await Task.sleep(for: .milliseconds(100))
    }
  }

  /// Remembers an event and tells it to everybody.
  func record(_ event: Engine.Event) {
    let readers = self.state.withLock { state in
      state.events.append(event)
      if state.events.count > Self.capacity { state.events.removeFirst() }
      return Array(state.readers.values)
    }
    for reader in readers { reader.yield(event) }
  }

  /// What is remembered, and what happens from now on.
  ///
  /// - Parameter until: when to end, in nanoseconds since 1970; `nil` is never.
  func read(until: Int64?) -> (past: [Engine.Event], news: AsyncStream<Engine.Event>) {
    let (news, continuation) = AsyncStream<Engine.Event>.makeStream(bufferingPolicy: .bufferingNewest(Self.backlog))
    let (number, past) = self.state.withLock { state in
      state.lastReader += 1
      state.readers[state.lastReader] = continuation
      return (state.lastReader, Array(state.events))
    }
    let end = until.map { until in
      MultiThreadedEventLoopGroup.singleton.next().scheduleTask(in: .nanoseconds(max(0, until - Self.now))) {
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
