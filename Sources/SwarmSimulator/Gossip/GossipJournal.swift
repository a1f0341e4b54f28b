// SPDX-License-Identifier: Apache-2.0

internal import Gossip

/// What happened in a simulation, as far as somebody measures or checks it.
public struct GossipJournal: Sendable {
  /// One observation.
  public struct Entry: Sendable {
    /// When.
    public var time: Duration
    /// At which node.
    public var observer: Int
    /// About which node.
    public var subject: Int
    /// What.
    public var kind: Kind
    /// Whether the subject was running, in the life the observation is about.
    public var isSubjectRunning: Bool
  }

  /// What an observer learned about a subject.
  public enum Kind: Hashable, Sendable {
    case suspected, refuted, failed, returned, left, restarted, updated
  }

  /// Everything but first sightings and records.
  public internal(set) var entries: [Entry] = []
  /// First sightings.
  public internal(set) var joined = 0
  /// Datagrams sent.
  public internal(set) var packets = 0
  /// Their bytes, before sealing.
  public internal(set) var packetBytes = 0
  /// Datagrams that got lost.
  public internal(set) var lost = 0
  /// Datagrams that arrived twice.
  public internal(set) var duplicated = 0
  /// Streams opened.
  public internal(set) var streams = 0
  /// Bytes of their frames, before sealing.
  public internal(set) var streamBytes = 0
  /// Broadcasts that arrived.
  public internal(set) var broadcasts = 0
  /// Records that were seen to be written or withdrawn.
  public internal(set) var recordChanges = 0
  /// Owners whose records were hidden.
  public internal(set) var hidden = 0
  /// Events handled by the simulation.
  public internal(set) var steps = 0

  /// When each observer first learned this about a subject, since a time.
  public func times(_ kind: Kind, about subject: Int, since start: Duration = .zero) -> [Int: Duration] {
    var times: [Int: Duration] = [:]
    for entry in self.entries where entry.kind == kind && entry.subject == subject && entry.time >= start {
      if times[entry.observer] == nil { times[entry.observer] = entry.time }
    }
    return times
  }

  /// Verdicts about nodes that were running.
  public var falseDeaths: [Entry] { self.entries.filter { $0.kind == .failed && $0.isSubjectRunning } }

  mutating func note(_ event: GossipEvent, at time: Duration, by observer: Int, _ world: borrowing GossipWorld) {
    switch event {
    case .joined: self.joined += 1
    case .suspected(let member): self.note(.suspected, member, time, observer, world)
    case .refuted(let member): self.note(.refuted, member, time, observer, world)
    case .failed(let member): self.note(.failed, member, time, observer, world)
    case .returned(let member): self.note(.returned, member, time, observer, world)
    case .left(let member): self.note(.left, member, time, observer, world)
    case .restarted(let member): self.note(.restarted, member, time, observer, world)
    case .updated(let member): self.note(.updated, member, time, observer, world)
    case .broadcast: self.broadcasts += 1
    case .recordPublished, .recordWithdrawn: self.recordChanges += 1
    case .recordsHidden: self.hidden += 1
    case .forgotten, .conflict, .superseded, .renewed, .joinCompleted, .joinFailed, .leaveCompleted, .paused, .recordsShown,
      .eventsMissed:
      break
    }
  }

  private mutating func note(
    _ kind: Kind,
    _ member: GossipMember,
    _ time: Duration,
    _ observer: Int,
    _ world: borrowing GossipWorld
  ) {
    guard let subject = world.index(of: member.id) else { return }
    self.entries.append(
      Entry(
        time: time,
        observer: observer,
        subject: subject,
        kind: kind,
        isSubjectRunning: world.isRunning(subject, epoch: member.epoch)
      )
    )
  }
}
