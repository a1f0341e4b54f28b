// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
public import SwarmModel

/// Something that happened in the swarm.
public enum SwarmEvent: Sendable {
  /// The cluster object changed.
  case cluster(Change<Cluster>)
  /// A node was added, changed or removed.
  case node(Change<Node>)
  /// A service was added, changed or removed.
  case service(Change<SwarmModel.Service>)
  /// A task was added, changed or removed.
  case task(Change<SwarmTask>)
  /// A secret was added, changed or removed; without its data.
  case secret(Change<Secret>)
  /// A config was added, changed or removed.
  case config(Change<Config>)
  /// A network was added or removed.
  case network(Change<Network>)
  /// Events were lost, because the reader was too slow or asked for a version that is no longer remembered: read what is of interest anew, and go on
  /// with the events that follow.
  case resync(Version)

  /// What happened to one object.
  public struct Change<Object: Sendable>: Sendable {
    /// Where in the swarm's history it happened; pass it to ``SwarmNode/events(since:)`` to go on behind it.
    public var version: Version
    /// When it happened, by the leader's clock.
    public var time: Timestamp
    /// The object before; `nil` when it was added.
    public var old: Object?
    /// The object after; `nil` when it was removed.
    public var new: Object?

    /// Creates a value.
    public init(version: Version, time: Timestamp, old: Object?, new: Object?) {
      self.version = version
      self.time = time
      self.old = old
      self.new = new
    }
  }

  init(_ event: ChangeSet.Event) {
    switch event {
    case .cluster(let change): self = .cluster(Change(change))
    case .node(let change): self = .node(Change(change))
    case .service(let change): self = .service(Change(change))
    case .task(let change): self = .task(Change(change))
    case .secret(let change):
      let (old, new) = (change.old?.withoutData, change.new?.withoutData)
      self = .secret(Change(version: change.version, time: change.time, old: old, new: new))
    case .config(let change): self = .config(Change(change))
    case .network(let change): self = .network(Change(change))
    }
  }
}

extension SwarmEvent.Change {
  init(_ change: ObjectChange<Object>) {
    self.init(version: change.version, time: change.time, old: change.old, new: change.new)
  }
}

/// A swarm's events, in order and without gaps but for a ``SwarmEvent/resync(_:)``.
///
/// Ends when the node leaves the swarm.
public struct SwarmEvents: AsyncSequence, Sendable {
  /// What the sequence gives.
  public typealias Element = SwarmEvent
  /// The sequence doesn't fail.
  public typealias Failure = Never

  let hub: EventHub
  let watcher: EventHub.Watcher

  /// Starts reading; a sequence has one reader.
  public func makeAsyncIterator() -> Iterator {
    Iterator(watcher: self.watcher)
  }

  /// Waits until something has happened that wasn't taken; false at the end or when the task is cancelled.
  package func wait() async -> Bool { await self.watcher.wait() }

  /// What happened since it was asked last.
  package func take() -> [SwarmEvent] { self.watcher.take() }

  /// Reads events.
  public struct Iterator: AsyncIteratorProtocol {
    let watcher: EventHub.Watcher
    private var batch: ArraySlice<SwarmEvent> = []

    init(watcher: EventHub.Watcher) {
      self.watcher = watcher
    }

    /// The next event; `nil` at the end or when the task is cancelled.
    public mutating func next(isolation actor: isolated (any Actor)?) async -> SwarmEvent? {
      while self.batch.isEmpty {
        guard await self.watcher.wait() else { return nil }
        self.batch = self.watcher.take()[...]
      }
      return self.batch.popFirst()
    }
  }
}
