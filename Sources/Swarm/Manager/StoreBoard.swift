// SPDX-License-Identifier: Apache-2.0

internal import RaftNIO
internal import SwarmControl
internal import SwarmModel
internal import Synchronization

/// Where the newest applied store is found, and who hears of what happens to it.
final class StoreBoard: Sendable {
  /// Hears of everything in order, on the Raft group's event loop, so it must be quick.
  struct Listener: Sendable {
    /// An entry was applied.
    var applied: @Sendable (_ entry: LogEntry, _ applied: Applied, _ store: Store) -> Void
    /// Role, leader or members changed; `store` is as of that moment.
    var changed: @Sendable (_ event: RaftEvent, _ store: Store) -> Void
  }

  private struct State {
    var store = Store()
    var listener: Listener?
  }

  /// What happens in the store, for watchers.
  let events: EventHub
  private let state = Mutex(State())

  /// - Parameter history: How many events are remembered.
  init(history: Int) { self.events = EventHub(history: history) }

  /// The store as of the entry applied last; a copy costs nothing.
  var store: Store { self.state.withLock(\.store) }

  /// Says who hears of everything from now on.
  func listen(_ listener: Listener) {
    self.state.withLock { $0.listener = listener }
  }

  /// Applies an entry, which came into the log in `term`, and says so.
  func apply(_ entry: LogEntry, index: UInt64, term: UInt64) -> Applied {
    // In place: only what somebody holds a copy of at this moment is copied.
    let (applied, store, listener) = self.state.withLock { state in
      let applied = state.store.apply(entry, index: index, term: term)
      return (applied, state.store, state.listener)
    }
    listener?.applied(entry, applied, store)
    self.events.publish(applied.changes)
    return applied
  }

  func publish(_ event: RaftEvent) {
    let (listener, store) = self.state.withLock { ($0.listener, $0.store) }
    listener?.changed(event, store)
  }

  /// A snapshot took the place of what was applied before.
  func restored(_ store: Store) {
    self.state.withLock { $0.store = store }
    self.events.restored(at: store.version)
  }
}
