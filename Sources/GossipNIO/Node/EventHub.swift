// SPDX-License-Identifier: Apache-2.0

internal import Gossip
internal import Synchronization

/// Hands events to everybody who listens.
///
/// Who is too slow loses some, and is told so in their place.
final class EventHub: Sendable {
  private struct Listener {
    var continuation: AsyncStream<GossipEvent>.Continuation
    var isMissing = false

    /// The last place of a full buffer is for saying that what follows was dropped.
    ///
    /// While that stands there unread everything else is dropped, so that whoever reads it and looks at everything anew has
    /// missed nothing.
    mutating func yield(_ event: GossipEvent) {
      if self.isMissing {
        guard case .enqueued(let remaining) = self.continuation.yield(.eventsMissed), remaining > 1 else { return }
        self.isMissing = false
      }
      if case .enqueued(let remaining) = self.continuation.yield(event), remaining == 1 {
        self.continuation.yield(.eventsMissed)
        self.isMissing = true
      }
    }
  }

  private struct Listeners {
    var next = 0
    var listeners: [Int: Listener] = [:]
    var isFinished = false
  }

  private let listeners = Mutex(Listeners())

  static let bufferLength = 4096

  var isEmpty: Bool { self.listeners.withLock { $0.listeners.isEmpty } }

  /// A stream of what happens from now on.
  func makeStream(bufferLength: Int = EventHub.bufferLength) -> AsyncStream<GossipEvent> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: GossipEvent.self,
      bufferingPolicy: .bufferingOldest(bufferLength)
    )
    let id = self.listeners.withLock { listeners -> Int? in
      guard !listeners.isFinished else { return nil }
      listeners.next += 1
      listeners.listeners[listeners.next] = Listener(continuation: continuation)
      return listeners.next
    }
    guard let id else {
      continuation.finish()
      return stream
    }
    continuation.onTermination = { [weak self] _ in
      _ = self?.listeners.withLock { $0.listeners.removeValue(forKey: id) }
    }
    return stream
  }

  func yield(_ events: [GossipEvent]) {
    self.listeners.withLock { listeners in
      for id in listeners.listeners.keys {
        for event in events { listeners.listeners[id]?.yield(event) }
      }
    }
  }

  func finish() {
    let finished = self.listeners.withLock { listeners in
      listeners.isFinished = true
      let finished = listeners.listeners.values.map(\.continuation)
      listeners.listeners = [:]
      return finished
    }
    for continuation in finished { continuation.finish() }
  }
}
