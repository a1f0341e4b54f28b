// SPDX-License-Identifier: Apache-2.0

/// What a simulator looks at after every event, without the allocations of ``RaftCore/status``.
extension RaftCore {
  package var currentTerm: Term { self.term }
  /// The same, for drivers that keep the core in a class: a getter would have it copied as a whole.
  package mutating func readTerm() -> Term { self.term }
  package var commitIndex: LogIndex { self.commit }
  package var lastPosition: LogPosition { self.log.last }
  package var membershipIndex: LogIndex { self.memberships.current.index }
  package var currentLeader: RaftID? { self.leader }
  package var transferTarget: RaftID? { self.leadership?.transfer?.target }
  package var uncommittedBytes: Int { self.leadership?.uncommittedBytes ?? 0 }
  package var heldMessageCount: Int { self.held.count }
  package var bytesBeingApplied: Int { self.applying.bytes }
  /// Bytes of the log behind the commit index, counted anew.
  package var bytesBehindCommit: Int { self.log.bytes(from: self.commit.next, through: self.log.lastIndex) }

  /// The term of an entry in the log, or nil when the log doesn't tell.
  package func term(at index: LogIndex) -> Term? { self.log.terms.term(at: index) }

  /// The most messages and bytes of entries that are under way to any one member.
  package var mostInFlight: (messages: Int, bytes: Int) {
    var most = (messages: 0, bytes: 0)
    guard let leadership else { return most }
    for position in leadership.peers.indices {
      most.messages = max(most.messages, leadership.peers[position].inflights.count)
      most.bytes = max(most.bytes, leadership.peers[position].inflights.bytes)
    }
    return most
  }
}
