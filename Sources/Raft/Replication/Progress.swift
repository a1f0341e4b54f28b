// SPDX-License-Identifier: Apache-2.0

/// How far one member is, as its leader sees it.
struct Progress: Sendable {
  enum Mode: Sendable, Equatable {
    /// Looking for the last entry in common, one message at a time. Paused until something is heard.
    case probing(isPaused: Bool)
    /// Sending without waiting for answers.
    case streaming
    /// A snapshot is on its way since then.
    case snapshot(since: Duration)
  }

  let id: RaftID
  var votesInNewSet = false
  var votesInOldSet = false
  /// The last entry known to be on the member's disk and equal to ours.
  private(set) var match: LogIndex = .zero
  /// The next entry to send.
  private(set) var next: LogIndex
  private(set) var mode = Mode.probing(isPaused: false)
  private(set) var inflights = Inflights()
  /// When the member was last heard of.
  private(set) var lastContact: Duration
  /// The commit index that the member was told, as far as it could use it.
  var toldCommit: LogIndex = .zero
  /// The newest round of reads that the member confirmed.
  private(set) var confirmedRound: UInt64 = 0
  /// Entries for the member are being read from the log on disk.
  var isReadingLog = false
  /// Set when messages may have been lost: ask whether the member has what was sent.
  var needsCheck = false
  /// Set for a removed member, which is kept up to date until it knows, or until this time.
  var departsAt: Duration?
  private var movedSinceHeartbeat = false

  init(id: RaftID, next: LogIndex, now: Duration) {
    self.id = id
    self.next = next
    self.lastContact = now
  }

  /// The leader's own progress is what its disk holds.
  mutating func ownLogIsDurable(through index: LogIndex) { self.match = index }

  func canSend(_ limits: RaftConfiguration.Replication) -> Bool {
    switch self.mode {
    case .probing(let isPaused): !isPaused
    case .streaming: !self.isReadingLog && !self.inflights.isFull(limits)
    case .snapshot: false
    }
  }

  /// Entries up to `last` (none when they end before ``next``) were sent.
  mutating func sent(through last: LogIndex, bytes: Int) {
    if case .probing = self.mode {
      self.mode = .probing(isPaused: true)
    } else if bytes > 0 {
      self.inflights.add(last: last, bytes: bytes)
      self.next = last.next
    }
  }

  mutating func heard(now: Duration) { self.lastContact = now }

  /// The member holds everything up to `index`.
  ///
  /// `isInLog` says whether our log can go on from there.
  mutating func accepted(through index: LogIndex, isInLog: Bool) {
    if index > self.match {
      self.match = index
      self.movedSinceHeartbeat = true
      self.inflights.free(through: index)
    }
    switch self.mode {
    case .streaming:
      self.next = max(self.next, self.match.next)
    case .probing:
      self.stream()
    case .snapshot:
      if isInLog { self.stream() }
    }
  }

  private mutating func stream() {
    self.mode = .streaming
    self.next = self.match.next
    self.inflights.reset()
    self.isReadingLog = false
  }

  /// Whether a rejection of what followed `previous` says something new.
  func isCurrent(rejectionOf previous: LogIndex) -> Bool {
    switch self.mode {
    case .probing: previous == self.next.previous
    case .streaming: previous > self.match && previous < self.next
    case .snapshot: false
    }
  }

  /// The member's log can match ours at `index` at the latest: look there.
  mutating func probe(after index: LogIndex) {
    self.mode = .probing(isPaused: false)
    self.next = max(index, self.match).next
    self.inflights.reset()
    self.isReadingLog = false
    self.needsCheck = false
  }

  /// The connection broke: what was on its way is lost.
  mutating func connectionLost() { self.probe(after: self.match) }

  mutating func heartbeatAnswered() {
    switch self.mode {
    case .probing:
      self.mode = .probing(isPaused: false)
    case .streaming:
      // Nothing moved for a whole round although something is on its way: it may be lost.
      self.needsCheck = !self.movedSinceHeartbeat && self.match.next < self.next
      self.movedSinceHeartbeat = false
    case .snapshot:
      break
    }
  }

  /// The member took part in a round of reads.
  mutating func confirm(_ round: UInt64) {
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(29) { self.confirmedRound = .max }
    #endif
    self.confirmedRound = max(self.confirmedRound, round)
  }

  mutating func snapshotBegan(now: Duration) {
    self.mode = .snapshot(since: now)
    self.inflights.reset()
    self.isReadingLog = false
  }

  /// The snapshot's bytes went out (up to `index`), or failed to.
  ///
  /// Either way the next word from the member decides.
  mutating func snapshotEnded(at index: LogIndex?) {
    guard case .snapshot = self.mode else { return }
    self.mode = .probing(isPaused: true)
    if let index { self.next = max(index, self.match).next }
  }

  mutating func pause() {
    if case .probing = self.mode { self.mode = .probing(isPaused: true) }
  }
}
