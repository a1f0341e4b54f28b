// SPDX-License-Identifier: Apache-2.0

extension RaftCore {
  // MARK: - Entries

  mutating func handle(_ append: Message.Append, from leader: RaftID) {
    guard append.isWellFormed(term: self.term) else { return self.refuse() }
    // What is committed here is in every later leader's log (leader completeness): there is nothing to compare.
    self.follower.verified = max(self.follower.verified, self.commit)
    let previous = append.previous
    guard previous.index <= self.commit || self.log.terms.contains(previous) else {
      return self.reject(previous, to: leader)
    }
    let firstNew = self.firstNewEntry(of: append)
    // Mostly all of it is new, and nothing is copied.
    let new = firstNew == 0 ? append.entries : Array(append.entries[firstNew...])
    if let first = new.first {
      if first.index <= self.log.lastIndex {
        // A leader only ever appends, and what is committed stays.
        guard first.index > self.commit, first.index > self.follower.verified else { return self.refuse() }
        self.truncateLog(from: first.index)
      }
      guard self.adoptConfigurations(of: new) else { return }
      self.log.append(new)
    }
    let last = previous.index + append.entries.count
    self.follower.verified = max(self.follower.verified, last)
    self.follower.owesAcknowledgement = true
    self.commit(upTo: min(append.commit, self.follower.verified))
  }

  /// The position in the message of the first entry that the log doesn't hold.
  private func firstNewEntry(of append: Message.Append) -> Int {
    guard append.previous.index < self.log.lastIndex else { return 0 }
    return append.entries.firstIndex { entry in
      entry.index > self.commit && !self.log.terms.contains(entry.position)
    } ?? append.entries.endIndex
  }

  private mutating func reject(_ previous: LogPosition, to leader: RaftID) {
    let hint = self.log.terms.lastPosition(notAbove: previous.term, at: previous.index)
    let rejection = Message.AppendRejection(previous: previous.index, hint: hint ?? self.log.terms.base)
    self.send(.appendRejected(rejection), to: leader)
  }

  private mutating func truncateLog(from index: LogIndex) {
    self.log.truncate(from: index)
    self.storage.truncate(from: index)
    self.memberships.truncate(from: index)
  }

  /// Configurations hold from the moment they are in the log.
  ///
  /// False when an entry can't be understood: it must not be passed over, so the member stops.
  private mutating func adoptConfigurations(of entries: [Entry]) -> Bool {
    for entry in entries where entry.kind != .command && entry.kind != .noop {
      do throws(RaftError) {
        guard entry.kind == .configuration else {
          throw RaftError(.unsupportedFormat, "entry \(entry.index) is of the unknown kind \(entry.kind.rawValue)")
        }
        self.memberships.append(try Membership(decoding: entry.payload), at: entry.index)
        // Priorities may be others now.
        self.follower.patience = nil
      } catch {
        self.fail(error)
        return false
      }
    }
    return true
  }

  /// Acknowledges what is both equal to the leader's log and on the disk, in a term that is on the disk.
  ///
  /// Acknowledgements are cumulative, so that one answers many messages.
  mutating func acknowledge() {
    guard self.follower.owesAcknowledgement, let leader, self.leadership == nil,
      self.storage.durableTerm == self.term
    else { return }
    let match = min(self.follower.verified, self.storage.durable)
    let isComplete = match == self.follower.verified
    guard isComplete || (self.follower.diskAdvanced && match > self.follower.acknowledged) else { return }
    self.follower.acknowledged = match
    self.follower.owesAcknowledgement = !isComplete
    self.follower.diskAdvanced = false
    self.send(.appendAccepted(match: match), to: leader)
  }

  // MARK: - Heartbeats

  mutating func handle(heartbeat commit: LogIndex, round: UInt64, from leader: RaftID) {
    // The leader names only what it knows to be on this member's disk. More would mean that this disk lost something.
    if commit > self.log.lastIndex { self.refuse() }
    let known = min(commit, self.log.lastIndex)
    self.follower.verified = max(self.follower.verified, known)
    self.commit(upTo: known)
    if round != 0 { self.send(.heartbeatResponse(round: round), to: leader) }
  }

  // MARK: - Snapshots

  mutating func handle(snapshot metadata: SnapshotMetadata) {
    self.follower.owesAcknowledgement = true
    if metadata.index <= self.commit {
      // Late: what it holds is here already.
      self.follower.verified = max(self.follower.verified, self.commit)
    } else if self.log.terms.contains(metadata.position) {
      self.follower.verified = max(self.follower.verified, metadata.index)
      self.commit(upTo: metadata.index)
    } else {
      self.log.reset(to: metadata.position)
      self.memberships.reset(to: metadata)
      self.storage.reset(to: metadata)
      self.applying.restore(metadata)
      self.snapshot = metadata
      self.follower.verified = metadata.index
      self.commit = metadata.index
    }
  }

  private mutating func commit(upTo index: LogIndex) {
    self.commit = max(self.commit, index)
  }
}

extension Message.Append {
  /// Whether the entries follow each other and the one before, in terms that the leader of `term` can have seen.
  fileprivate func isWellFormed(term: Term) -> Bool {
    var last = self.previous
    for entry in self.entries {
      guard entry.index == last.index.next, entry.term >= last.term else { return false }
      last = entry.position
    }
    return last.term <= term && last.index.rawValue < largestNumber
  }
}
