// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Hands events to everybody who listens.
///
/// A slow listener loses the oldest ones.
final class EventHub: Sendable {
  private struct Listeners {
    var next = 0
    var streams: [Int: AsyncStream<RaftEvent>.Continuation] = [:]
    var isFinished = false
  }

  private let listeners = Mutex(Listeners())

  private static let bufferLength = 256

  /// A stream of what happens from now on.
  func makeStream() -> AsyncStream<RaftEvent> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: RaftEvent.self,
      bufferingPolicy: .bufferingNewest(Self.bufferLength)
    )
    let id = self.listeners.withLock { listeners -> Int? in
      guard !listeners.isFinished else { return nil }
      listeners.next += 1
      listeners.streams[listeners.next] = continuation
      return listeners.next
    }
    guard let id else {
      continuation.finish()
      return stream
    }
    continuation.onTermination = { [weak self] _ in
      self?.listeners.withLock { $0.streams[id] = nil }
    }
    return stream
  }

  func yield(_ event: RaftEvent) {
    for stream in self.listeners.withLock({ Array($0.streams.values) }) { stream.yield(event) }
  }

  func finish() {
    let streams = self.listeners.withLock { listeners in
      listeners.isFinished = true
      let streams = Array(listeners.streams.values)
      listeners.streams = [:]
      return streams
    }
    for stream in streams { stream.finish() }
  }
}
