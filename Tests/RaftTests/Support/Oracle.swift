// SPDX-License-Identifier: Apache-2.0

import Raft

/// Watches all members at once and remembers for ever: the invariants of Raft, written once.
final class Oracle {
  /// Things that a hard run must have seen.
  enum Sight: String, CaseIterable, Hashable {
    case leader, overwrittenTail, snapshotInstalled, logRead, jointEntered, jointLeft, promotion, refusedProposal
    case transferDone, transferAbandoned, readServed, readFailed, crash, leaderCrash, removedLeader, lostUnsynced
  }

  private struct Identity: Hashable {
    var term: Term
    var payload: ArraySlice<UInt8>
    var kind: Entry.Kind
  }

  private(set) var violations: [String] = []
  private(set) var sights: [Sight: Int] = [:]
  private var leaders: [Term: RaftID] = [:]
  private var written: [LogPosition: (previous: LogPosition, entry: Identity)] = [:]
  /// What is decided at each index, from 1 on.
  private var decisions: [Identity] = []

  var lastDecided: LogIndex { LogIndex(UInt64(self.decisions.count)) }

  func violation(_ message: String) { self.violations.append(message) }
  func count(_ sight: Sight) { self.sights[sight, default: 0] += 1 }

  /// Log matching: one term and index name one entry, with one entry before it (R2).
  ///
  /// Configurations next to each other share every majority (R12).
  func wrote(_ write: Ready.Write, to member: RaftID, decided: LogIndex, log: LogImage) {
    if let snapshot = write.snapshot {
      self.count(.snapshotInstalled)
      self.check(snapshot, member: member)
    }
    if write.truncateAfter != nil {
      self.count(.overwrittenTail)
      if let last = write.truncateAfter, last < decided {
        self.violation("member \(member) cuts decided entries")
      }
    }
    for entry in write.entries {
      let before = log.entry(at: entry.index.previous)?.position ?? log.base
      let identity = Identity(term: entry.term, payload: entry.payload, kind: entry.kind)
      if let known = self.written.updateValue((before, identity), forKey: entry.position) {
        if known.entry != identity { self.violation("two entries are \(entry.position)") }
        if known.previous != before, entry.index > log.base.index.next {
          self.violation("\(entry.position) follows \(known.previous) and \(before)")
        }
      } else if entry.kind == .configuration {
        self.check(configuration: entry, in: log, member: member)
      }
    }
  }

  private func check(configuration entry: Entry, in log: LogImage, member: RaftID) {
    guard let new = try? Membership(decoding: entry.payload) else { return self.violation("a configuration can't be read") }
    var old = log.snapshot?.membership ?? .empty
    let covered = log.snapshot?.index ?? .zero
    for earlier in log.entries where earlier.kind == .configuration && covered < earlier.index && earlier.index < entry.index {
      old = (try? Membership(decoding: earlier.payload)) ?? .empty
    }
    guard !old.members.isEmpty else { return }
    if new.isJoint {
      self.count(.jointEntered)
      if old.isJoint || new.outgoingVoters.map(\.id) != old.voters.map(\.id) {
        self.violation("\(entry.position) isn't joint with its past")
      }
    } else if old.isJoint {
      self.count(.jointLeft)
      if new.voters.map(\.id) != old.voters.map(\.id) { self.violation("\(entry.position) isn't what the joint one led to") }
    } else if new.voters.map(\.id) != old.voters.map(\.id) {
      self.violation("\(entry.position) changes voters without a joint configuration")
    }
    if new.members.contains(where: { $0.role == .incoming }) { self.count(.promotion) }
  }

  private func check(_ snapshot: SnapshotMetadata, member: RaftID) {
    guard snapshot.index <= self.lastDecided else { return self.violation("a snapshot covers what isn't decided") }
    if self.decisions[Int(snapshot.index.rawValue) - 1].term != snapshot.term {
      self.violation("the snapshot at \(snapshot.position) isn't what was decided")
    }
  }

  /// State machine safety: nothing else is ever decided at an index (R4).
  func decided(_ entry: Entry, by member: RaftID) {
    let identity = Identity(term: entry.term, payload: entry.payload, kind: entry.kind)
    if entry.index == self.lastDecided.next {
      self.decisions.append(identity)
    } else if entry.index > self.lastDecided {
      self.violation("member \(member) applies \(entry.index) before what stands before it was decided")
    } else if self.decisions[Int(entry.index.rawValue) - 1] != identity {
      self.violation("member \(member) applies something else at \(entry.index)")
    }
  }

  func restored(_ snapshot: SnapshotMetadata, member: RaftID) { self.check(snapshot, member: member) }

  /// One leader per term (R1), which votes (R13) and holds everything decided (R3, R8).
  func roleChanged(_ change: Ready.RoleChange, member: RaftID, log: LogImage, status: RaftStatus) {
    guard change.role == .leader else { return }
    self.count(.leader)
    if let other = self.leaders.updateValue(member, forKey: change.term), other != member {
      self.violation("members \(other) and \(member) both lead term \(change.term)")
    }
    // A member whose removal isn't committed may have to lead once more.
    if !status.membership.isVoter(member), status.membershipIndex <= status.commit {
      self.violation("member \(member) leads and doesn't vote")
    }
    let last = self.lastDecided
    guard last > .zero else { return }
    let decision = LogPosition(index: last, term: self.decisions[Int(last.rawValue) - 1].term)
    if !log.contains(decision) { self.violation("the leader \(member) of term \(change.term) lacks \(decision)") }
  }

  /// Nothing is said that the disk doesn't hold (R6).
  func sent(_ message: Message, disk: LogImage) {
    if message.term > disk.hardState.term { self.violation("\(message.from) speaks of term \(message.term) before storing it") }
    switch message.body {
    case .voteRequest, .voteResponse(granted: true):
      let vote: RaftID = if case .voteRequest = message.body { message.from } else { message.to }
      if disk.hardState.votedFor != vote || disk.hardState.term != message.term {
        self.violation("\(message.from) votes for \(vote) before storing it")
      }
    case .appendAccepted(let match):
      if match > disk.last.index { self.violation("\(message.from) acknowledges \(match) before storing it") }
    default:
      break
    }
  }
}
