// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel
internal import Synchronization

/// Carries what happens in the store to those who asked for it.
final class EventHub: Sendable {
  private struct State {
    var hub: WatchHub
    /// Rings once for any number of waiting events.
    var bells: [WatchHub.WatcherID: AsyncStream<Void>.Continuation] = [:]
    /// Nothing will happen any more.
    var isOver = false
  }

  private let state: Mutex<State>

  /// - Parameter history: How many events are remembered.
  init(history: Int) {
    self.state = Mutex(State(hub: WatchHub(configuration: WatchHub.Configuration(history: history))))
  }

  /// Adds a watcher of what happens from now on, or behind a version.
  func subscribe(_ selectors: [WatchSelector] = [.all], since version: Version?) -> SwarmEvents {
    let (bell, ringer) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let id = self.state.withLock { state in
      let id = state.hub.watch(selectors, since: version)
      state.bells[id] = ringer
      ringer.yield()
      if state.isOver { ringer.finish() }
      return id
    }
    return SwarmEvents(hub: self, watcher: Watcher(hub: self, id: id, bell: bell))
  }

  func publish(_ changes: ChangeSet) {
    self.state.withLock { state in
      for id in state.hub.publish(changes) { state.bells[id]?.yield() }
    }
  }

  /// A snapshot took the place of the store.
  func restored(at index: UInt64) {
    self.state.withLock { state in
      for id in state.hub.reset(appliedUpTo: index) { state.bells[id]?.yield() }
    }
  }

  /// Ends every watcher's sequence.
  func finish() {
    self.state.withLock { state in
      state.isOver = true
      for bell in state.bells.values { bell.finish() }
    }
  }

  /// One reader's place in the events; gives it up with its last reference.
  final class Watcher: Sendable {
    private let hub: EventHub
    private let id: WatchHub.WatcherID
    private let bell: AsyncStream<Void>

    init(hub: EventHub, id: WatchHub.WatcherID, bell: AsyncStream<Void>) {
      self.hub = hub
      self.id = id
      self.bell = bell
    }

    deinit {
      self.hub.state.withLock { [id] state in
        state.hub.cancel(id)
        state.bells.removeValue(forKey: id)?.finish()
      }
    }

    /// Waits for the bell; false when it won't ring any more.
    func wait() async -> Bool {
      for await _ in self.bell { return true }
      return false
    }

    /// What happened since the last call; may be nothing.
    func take() -> [SwarmEvent] {
      switch self.hub.state.withLock({ [id] in $0.hub.take(id) }) {
      case .events(let events): events.map(SwarmEvent.init)
      case .resync(let version): [.resync(version)]
      }
    }
  }
}
