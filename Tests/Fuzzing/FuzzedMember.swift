// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// One of three members, to whom anything may be said.
struct FuzzedMember {
  private var core: RaftCore
  private let hasSlowDisk: Bool
  private var now = Duration.zero
  private var base = LogIndex.zero
  private var log: [Entry]

  init(leads: Bool, hasSlowDisk: Bool) {
    self.hasSlowDisk = hasSlowDisk
    do throws(RaftError) {
      let bootstrap = try Bootstrap(contexts: [[], [], []])
      self.log = bootstrap.entries
      let restored = try RestoredState(hardState: bootstrap.hardState, entries: bootstrap.entries)
      self.core = try RaftCore(id: RaftID(1), restored: restored, seed: 1, now: .zero)
    } catch {
      fatalError("a new group doesn't start: \(error)")
    }
    guard leads else { return }
    self.core.campaignAtOnce(now: self.now)
    self.turn()
    self.receive(Message(from: RaftID(2), to: RaftID(1), term: self.core.status.term, body: .voteResponse(granted: true)))
    _ = try? self.core.propose([[1], [2]], now: self.now)
    self.turn()
  }

  mutating func receive(_ message: Message) {
    self.now += .milliseconds(1)
    self.core.receive(message, now: self.now)
    self.turn()
  }

  /// Carries out what the member wants, as a driver does.
  private mutating func turn() {
    for _ in 0..<4 {
      let ready = self.core.takeReady()
      if let write = ready.write {
        self.perform(write)
        if !self.hasSlowDisk { self.core.storageCompleted(write.id, now: self.now) }
      }
      if let snapshot = ready.restore { self.core.applied(upTo: snapshot.index) }
      if let last = ready.committed.last { self.core.applied(upTo: last.index) }
      for receiver in ready.snapshotsToSend {
        self.core.snapshotSent(to: receiver, upTo: .zero, succeeded: false, now: self.now)
      }
    }
  }

  /// Whatever is said, the member asks its disk for nothing that makes no sense.
  private mutating func perform(_ write: Ready.Write) {
    if let snapshot = write.snapshot {
      self.base = snapshot.index
      self.log = []
    }
    if let last = write.truncateAfter {
      promise(last >= self.base && last - self.base < self.log.count, "the log is cut after \(last)")
      self.log.removeLast(self.log.count - (last - self.base))
    }
    for entry in write.entries {
      promise(entry.index == (self.base + self.log.count).next, "entry \(entry.index) doesn't follow")
      self.log.append(entry)
    }
  }
}
