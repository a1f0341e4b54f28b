// SPDX-License-Identifier: Apache-2.0

/// What only a leader knows.
///
/// It is made when an election is won and dies with the term.
struct Leadership: Sendable {
  /// A handing over of leadership.
  struct Transfer: Sendable {
    var target: RaftID
    /// When it is given up.
    var deadline: Duration
    /// The target was told to start, and wasn't heard of since.
    var isTargetTold = false
  }

  /// All members, this one too, and removed ones that don't know it yet; ordered by identity.
  var peers: [Progress] = []
  /// The entry with which this leader commits what earlier ones left.
  var firstIndex: LogIndex
  /// Bytes in the log behind the commit index.
  var uncommittedBytes: Int
  var heartbeatDue: Duration
  var transfer: Transfer?
  /// Whether this leader is a witness.
  var isCaretaker: Bool
  var reads = ReadQueue()
  var lease = Lease()
  /// The configuration about which there is nothing left to do, by its ``MembershipHistory/version``.
  var settledVersion: UInt64?

  func position(of id: RaftID) -> Int? { self.peers.firstIndex { $0.id == id } }

  /// What a majority (of both sets of voters) has reached.
  func agreed(_ value: (Progress) -> UInt64) -> UInt64? {
    QuorumMath.agreed(
      count: self.peers.count,
      votesInNewSet: { self.peers[$0].votesInNewSet },
      votesInOldSet: { self.peers[$0].votesInOldSet },
      value: { value(self.peers[$0]) }
    )
  }

  /// Takes over another configuration.
  ///
  /// Removed members are kept up to date until they know that they are removed.
  mutating func adopt(_ membership: Membership, last: LogIndex, now: Duration, patience: Duration) {
    for position in self.peers.indices {
      let role = membership[self.peers[position].id]?.role
      self.peers[position].votesInNewSet = role?.votesInNewSet ?? false
      self.peers[position].votesInOldSet = role?.votesInOldSet ?? false
      #if PLANTED_BUGS
        if PlantedBug.isPlanted(12), role == .outgoing { self.peers[position].votesInNewSet = true }
      #endif
      if role == nil, self.peers[position].departsAt == nil { self.peers[position].departsAt = now + patience }
    }
    for member in membership.members where self.position(of: member.id) == nil {
      var progress = Progress(id: member.id, next: last.next, now: now)
      progress.votesInNewSet = member.role.votesInNewSet
      progress.votesInOldSet = member.role.votesInOldSet
      self.peers.append(progress)
    }
    self.peers.sort { $0.id < $1.id }
  }
}
