// SPDX-License-Identifier: Apache-2.0
internal import DequeModule
package import SwarmModel

/// Hands what happens in the store to those who asked for it.
///
/// A hub keeps a bounded history, so that a watcher can go on after a version it saw. A watcher that asks for what the history no longer
/// has, or that doesn't fetch its events in time, gets a resync: it must read the store again and goes on from there. The hub is a
/// value without locks or tasks; its driver wakes the watchers that ``publish(_:)`` names.
package struct WatchHub: Sendable {
  /// How much a hub remembers.
  package struct Configuration: Sendable, Hashable {
    /// How many events the history keeps.
    package var history: Int
    /// How many events may wait for one watcher.
    package var backlog: Int

    /// Creates a configuration.
    package init(history: Int = 10_000, backlog: Int = 10_000) {
      self.history = history
      self.backlog = backlog
    }
  }

  /// Names a watcher of a hub.
  package struct WatcherID: Sendable, Hashable, Comparable {
    fileprivate let number: UInt64

    /// Orders watchers by age.
    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
  }

  /// What a watcher gets.
  package enum Batch: Sendable {
    /// What happened, in order; empty when nothing did.
    case events([ChangeSet.Event])
    /// Events were lost: read the store, whose version is at least this, and go on with the events that follow.
    case resync(Version)
  }

  private struct Watcher {
    var selectors: Set<WatchSelector>
    var waiting: Deque<ChangeSet.Event> = []
    var needsResync = false

    mutating func enqueue(_ event: ChangeSet.Event, atMost backlog: Int) {
      guard !self.needsResync else { return }
      guard self.waiting.count < backlog else {
        self.waiting = []
        self.needsResync = true
        return
      }
      self.waiting.append(event)
    }

    mutating func take(_ limit: Int) -> [ChangeSet.Event] {
      guard self.waiting.count > limit else {
        defer { self.waiting = [] }
        return Array(self.waiting)
      }
      let events = Array(self.waiting.prefix(limit))
      self.waiting.removeFirst(events.count)
      return events
    }
  }

  private let configuration: Configuration
  private var history: Deque<ChangeSet.Event> = []
  /// Events up to this version are not in the history.
  private var forgottenUpTo: Version
  /// The newest version that the hub knows of.
  private var newest: Version
  private var watchers: [WatcherID: Watcher] = [:]
  private var watchersBySelector: [WatchSelector: Set<WatcherID>] = [:]
  /// How many of the selectors above there are of each sort: what nobody asks for isn't looked up.
  private var selectorCounts: [WatchSelector.Sort: Int] = [:]
  private var nextWatcher: UInt64 = 0

  /// Creates a hub for a store that has applied entries up to an index.
  package init(configuration: Configuration = Configuration(), appliedUpTo index: UInt64 = 0) {
    self.configuration = configuration
    self.newest = Version(index: index, ordinal: .max)
    // Before the first entry there was nothing to forget.
    self.forgottenUpTo = index == 0 ? .zero : self.newest
  }

  /// The number of watchers.
  package var watcherCount: Int { self.watchers.count }

  /// Adds a watcher.
  ///
  /// - Parameters:
  ///   - selectors: What the watcher wants.
  ///   - version: The last version that the watcher saw; it first gets what happened since. `nil` starts with what happens next.
  package mutating func watch(_ selectors: some Sequence<WatchSelector>, since version: Version? = nil) -> WatcherID {
    let id = WatcherID(number: self.nextWatcher)
    self.nextWatcher += 1
    var watcher = Watcher(selectors: Set(selectors))
    if let version {
      if version < self.forgottenUpTo {
        watcher.needsResync = true
      } else {
        for event in self.history where event.version > version {
          self.offer(event, to: &watcher)
        }
      }
    }
    for selector in watcher.selectors {
      if self.watchersBySelector[selector] == nil { self.selectorCounts[selector.sort, default: 0] += 1 }
      self.watchersBySelector[selector, default: []].insert(id)
    }
    self.watchers[id] = watcher
    return id
  }

  /// Removes a watcher.
  package mutating func cancel(_ id: WatcherID) {
    guard let watcher = self.watchers.removeValue(forKey: id) else { return }
    for selector in watcher.selectors {
      self.watchersBySelector[selector]?.remove(id)
      if self.watchersBySelector[selector]?.isEmpty == true {
        self.watchersBySelector[selector] = nil
        self.selectorCounts[selector.sort, default: 0] -= 1
      }
    }
  }

  /// Takes in what an entry did.
  ///
  /// - Returns: The watchers that have something to fetch now, the oldest first.
  package mutating func publish(_ changes: ChangeSet) -> [WatcherID] {
    var woken: Set<WatcherID> = []
    for event in changes.events {
      self.remember(event)
      var interested: Set<WatcherID> = []
      event.forEachSelector { selector in
        guard self.selectorCounts[selector.sort, default: 0] > 0, let some = self.watchersBySelector[selector] else { return }
        if interested.isEmpty { interested = some } else { interested.formUnion(some) }
      }
      for id in interested {
        guard let index = self.watchers.index(forKey: id) else { continue }
        self.watchers.values[index].enqueue(event, atMost: self.configuration.backlog)
        woken.insert(id)
      }
    }
    self.newest = max(self.newest, Version(index: changes.index, ordinal: .max))
    return woken.sorted()
  }

  /// Forgets everything, after the store was replaced by a snapshot: every watcher gets a resync.
  ///
  /// - Returns: All watchers, the oldest first.
  package mutating func reset(appliedUpTo index: UInt64) -> [WatcherID] {
    self.history = []
    self.newest = Version(index: index, ordinal: .max)
    self.forgottenUpTo = self.newest
    for id in self.watchers.keys {
      self.watchers[id]?.waiting = []
      self.watchers[id]?.needsResync = true
    }
    return self.watchers.keys.sorted()
  }

  /// Whether a watcher has something to fetch.
  package func hasEvents(for id: WatcherID) -> Bool {
    guard let watcher = self.watchers[id] else { return false }
    return watcher.needsResync || !watcher.waiting.isEmpty
  }

  /// Fetches what waits for a watcher, at most so many events.
  package mutating func take(_ id: WatcherID, max limit: Int = .max) -> Batch {
    guard let index = self.watchers.index(forKey: id) else { return .events([]) }
    if self.watchers.values[index].needsResync {
      self.watchers.values[index].needsResync = false
      return .resync(Version(index: self.newest.index))
    }
    return .events(self.watchers.values[index].take(limit))
  }

  private mutating func remember(_ event: ChangeSet.Event) {
    self.history.append(event)
    while self.history.count > self.configuration.history, let oldest = self.history.popFirst() {
      self.forgottenUpTo = oldest.version
    }
  }

  private func offer(_ event: ChangeSet.Event, to watcher: inout Watcher) {
    var isWanted = false
    event.forEachSelector { if watcher.selectors.contains($0) { isWanted = true } }
    if isWanted { watcher.enqueue(event, atMost: self.configuration.backlog) }
  }
}
