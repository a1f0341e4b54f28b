// SPDX-License-Identifier: Apache-2.0

internal import Gossip
internal import Synchronization

/// Hands events to everybody who listens.
///
/// Who is too slow loses some, and is told so in their place.
final class EventHub: Sendable {
  private struct Listeners {
    var next = 0
    var streams: [Int: AsyncStream<GossipEvent>.Continuation] = [:]
    var isFinished = false
  }

  /// Who was told that it missed something, and gets nothing else before it has read that; held while events are handed out.
  ///
  /// Who leaves never waits for it: a task that is being cancelled can't be woken.
  private let missing = Mutex<Set<Int>>([])
  private let listeners = Mutex(Listeners())

  static let bufferLength = 4096

  var isEmpty: Bool { self.listeners.withLock { $0.streams.isEmpty } }

  /// A stream of what happens from now on.
  func makeStream(bufferLength: Int = EventHub.bufferLength) -> AsyncStream<GossipEvent> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: GossipEvent.self,
      bufferingPolicy: .bufferingOldest(bufferLength)
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
      _ = self?.listeners.withLock { $0.streams.removeValue(forKey: id) }
    }
    return stream
  }

  func yield(_ events: [GossipEvent]) {
    self.missing.withLock { missing in
      let streams = self.listeners.withLock(\.streams)
      missing = missing.filter { streams[$0] != nil }
      for (id, stream) in streams {
        var isMissing = missing.contains(id)
        for event in events { Self.yield(event, to: stream, isMissing: &isMissing) }
        if isMissing { missing.insert(id) } else { missing.remove(id) }
      }
    }
  }

  /// The last place of a full buffer is for saying that what follows was dropped.
  ///
  /// While that stands there unread everything else is dropped, so that whoever reads it and looks at everything anew has
  /// missed nothing.
  private static func yield(
    _ event: GossipEvent,
    to stream: AsyncStream<GossipEvent>.Continuation,
    isMissing: inout Bool
  ) {
    if isMissing {
      guard case .enqueued(let remaining) = stream.yield(.eventsMissed), remaining > 1 else { return }
      isMissing = false
    }
    if case .enqueued(let remaining) = stream.yield(event), remaining == 1 {
      stream.yield(.eventsMissed)
      isMissing = true
    }
  }

  func finish() {
    let finished = self.listeners.withLock { listeners in
      listeners.isFinished = true
      let finished = Array(listeners.streams.values)
      listeners.streams = [:]
      return finished
    }
    for continuation in finished { continuation.finish() }
  }
}
