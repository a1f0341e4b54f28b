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

  /// One client that waits for what happens next.
  private struct Reader {
    let continuation: AsyncStream<Engine.Event>.Continuation
    /// When its time is over.
    var end: Scheduled<Void>?
  }

  private struct State {
    var events: Deque<Engine.Event> = []
    var readers: [UInt64: Reader] = [:]
    var lastReader: UInt64 = 0
  }

  /// Where the swarm's events come from while the node is a manager; held while they are handed on, so that all readers get them in order.
  ///
  /// Who ends never waits for it: a task that is cancelled can't take a lock that is held while that task is woken.
  private let source = Mutex<SwarmEvents?>(nil)
  private let state = Mutex(State())

  /// How many clients wait for what happens next.
  var readerCount: Int { self.state.withLock(\.readers.count) }

  /// Takes in what happens, whenever the node is a manager, until the task is cancelled.
  func run(_ backend: any SwarmBackend) async {
    while !Task.isCancelled {
      if backend.local.controlAvailable, let events = await Self.events(of: backend) {
        self.source.withLock { $0 = events }
        defer { self.source.withLock { $0 = nil } }
        while await events.wait() {
          self.source.withLock { self.catchUp(with: $0) }
          if self.readerCount == 0 { try? await Task.sleep(for: Self.pause) }
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
    let (number, past) = self.source.withLock { source in
      self.catchUp(with: source)
      return self.state.withLock { state in
        state.lastReader += 1
        state.readers[state.lastReader] = Reader(continuation: continuation)
        return (state.lastReader, Array(state.events))
      }
    }
    continuation.onTermination = { _ in
      let reader = self.state.withLock { $0.readers.removeValue(forKey: number) }
      reader?.end?.cancel()
    }
    // Last, for a reader whose time is over at once.
    if let until {
      let end = Self.schedule(at: until) { continuation.finish() }
      self.state.withLock { $0.readers[number]?.end = end }
    }
    return (past, news)
  }

  /// Takes in what has happened, and tells it to everybody.
  private func catchUp(with source: SwarmEvents?) {
    for event in source?.take() ?? [] {
      guard let event = Engine.Event(event) else { continue }
      let readers = self.state.withLock { state in
        state.events.append(event)
        if state.events.count > Self.capacity { state.events.removeFirst() }
        return Array(state.readers.values)
      }
      for reader in readers { reader.continuation.yield(event) }
    }
  }

  private static func schedule(at time: Int64, _ work: @escaping @Sendable () -> Void) -> Scheduled<Void> {
    let (left, isLongAgo) = time.subtractingReportingOverflow(Self.now)
    let delay = TimeAmount.nanoseconds(isLongAgo ? 0 : max(0, left))
    return MultiThreadedEventLoopGroup.singleton.next().scheduleTask(in: delay, work)
  }

  /// The time, in nanoseconds since 1970.
  static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1e9) }

  /// What happens once the node knows everything that has happened before: its own log, which it goes through at its start, is no news.
  private static func events(of backend: any SwarmBackend) async -> SwarmEvents? {
    guard (try? await backend.cluster()) != nil else { return nil }
    return try? backend.events()
  }
}
