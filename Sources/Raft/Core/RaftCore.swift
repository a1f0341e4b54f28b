// SPDX-License-Identifier: Apache-2.0

/// One member of a Raft group, as a pure value: fed with events, it hands back what to do.
///
/// The core has no clock, no I/O and no chance of its own. Whoever drives it calls the event methods (``tick(now:)``,
/// ``receive(_:now:)``, ``propose(_:now:)``, ``storageCompleted(_:now:)`` …), then takes **one** ``Ready`` per turn and carries
/// it out. `now` is a monotonic time since any origin; a time that goes back counts as the last one.
///
/// Methods return typed errors and never trap on what comes from outside.
public struct RaftCore: Sendable {
  /// This member.
  public let id: RaftID
  /// The knobs.
  public let configuration: RaftConfiguration

  // MARK: What the disk holds or will hold
  var term: Term
  var votedFor: RaftID?
  /// The last entry known to be committed.
  var commit: LogIndex
  var log: LogTail
  var memberships: MembershipHistory
  var snapshot: SnapshotMetadata?
  var storage: StorageProgress
  var applying: ApplyProgress

  // MARK: Who leads
  /// The leader of this term, when known.
  var leader: RaftID?
  /// When a leader was last heard of, and whether its connection broke since.
  var leaderContact: LeaderContact?
  /// Set while this member asks for votes or pre-votes; never together with ``leadership``.
  var campaign: Campaign?
  /// Set while this member leads; everything that only leaders know dies with it.
  var leadership: Leadership?
  /// When to campaign next.
  var campaignDeadline: Duration
  /// Until when this member keeps still, because a leader may count on it for lease reads.
  var promisedUntil: Duration = .zero
  /// Campaigns since a leader was last heard of; they space out the next ones.
  var failedCampaigns = 0
  /// Members whose connection broke and that weren't heard of since.
  var unreachable: [RaftID] = []

  // MARK: As a follower
  var follower = FollowerState()
  var forwardedReads: ForwardedReads

  // MARK: For the next batch
  var outbox: [Message] = []
  /// Messages that must not leave before term and vote are on the disk.
  var held: [Message] = []
  var pending = PendingResults()
  var reported: ReportedState
  var failure: RaftError?
  var refusedMessages = 0

  var now: Duration
  var random: SplitMix64
  #if PLANTED_BUGS
    var hasForgottenTransfer = false
  #endif

  /// Starts a member from what its disk holds.
  ///
  /// The driver has restored the state machine from ``RestoredState/snapshot`` before; entries behind it that are known to be
  /// committed come with the first ``Ready``.
  ///
  /// - Parameters:
  ///   - id: the member: the index of the entry that added it; 1 for the member that began the group.
  ///   - configuration: the knobs.
  ///   - restored: what recovery found.
  ///   - seed: chance; give every start another one.
  ///   - now: the current time.
  /// - Throws: ``RaftError/Code/invalidConfiguration``, or ``RaftError/Code/corrupt`` when the state contradicts itself.
  public init(
    id: RaftID,
    configuration: RaftConfiguration = RaftConfiguration(),
    restored: RestoredState,
    seed: UInt64,
    now: Duration
  ) throws(RaftError) {
    try configuration.validate()
    let state = try restored.reconciled()
    let start = state.snapshot?.index ?? .zero
    self.id = id
    self.configuration = configuration
    self.term = state.hardState.term
    self.votedFor = state.hardState.votedFor
    self.commit = state.hardState.commit
    self.log = state.log
    self.memberships = MembershipHistory(
      IndexedMembership(index: start, membership: state.snapshot?.membership ?? .empty),
      state.configurations
    )
    self.snapshot = state.snapshot
    self.storage = StorageProgress(state.hardState, last: state.log.lastIndex, snapshot: start)
    self.applying = ApplyProgress(applied: start)
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(18) { self.applying = ApplyProgress(applied: start.previous) }
    #endif
    self.random = SplitMix64(seed: seed)
    self.forwardedReads = ForwardedReads(firstContext: self.random.next())
    self.now = now
    self.campaignDeadline = now
    self.reported = ReportedState(term: state.hardState.term)
    // An earlier life may have heard a leader just before it ended.
    if configuration.leaseReads != nil { self.promisedUntil = now + configuration.electionTimeout }
    self.scheduleCampaign()
    self.campaignAtOnceWhenAlone()
  }

  // MARK: - What everybody asks

  /// What this member is.
  public var role: RaftStatus.Role {
    if self.leadership != nil { return .leader }
    guard let campaign else { return .follower }
    return campaign.isPreVote ? .preCandidate : .candidate
  }

  /// The first entry that the log still needs on disk; everything before it may be deleted.
  public var firstIndex: LogIndex { self.log.firstIndex }

  /// The configuration that holds.
  public var membership: Membership {
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(2), self.leadership == nil { return self.memberships.membership(at: self.commit) ?? .empty }
    #endif
    return self.memberships.current.membership
  }

  /// Whether there are decided entries that weren't handed out yet.
  ///
  /// A driver that gathers events before it takes a ``Ready`` has no reason to wait for more then.
  public var hasDecided: Bool { self.applying.handed < self.commit }

  /// When ``tick(now:)`` wants to be called at the latest.
  ///
  /// Ask again after every event.
  public var nextDeadline: Duration {
    // Without taking the whole leadership out: this is asked in every turn.
    if let due = self.leadership?.heartbeatDue { return min(due, self.leadership?.transfer?.deadline ?? due) }
    return min(self.campaignDeadline, self.forwardedReads.nextDeadline ?? self.campaignDeadline)
  }

  /// Time passed.
  public mutating func tick(now: Duration) {
    guard self.begin(now) else { return }
    if self.leadership != nil {
      self.leaderTick()
    } else {
      let now = self.now
      self.failForwardedReads { $0.deadline <= now }
      if now >= self.campaignDeadline { self.campaignIsDue() }
    }
  }

  /// Every event starts here; false when the core has stopped.
  mutating func begin(_ now: Duration) -> Bool {
    self.now = max(self.now, now)
    return self.failure == nil
  }

  /// Stops for good.
  mutating func fail(_ error: RaftError) {
    self.becomeFollower(term: self.term, leader: nil)
    self.failure = error
    self.outbox.removeAll()
    self.held.removeAll()
  }

  /// Counts a message that can't be right.
  mutating func refuse() { self.refusedMessages += 1 }

  func checkRunning() throws(RaftError) {
    if let failure { throw RaftError(.stopped, "the member stopped", cause: failure) }
  }

  var notLeader: RaftError {
    let message = self.leader.map { "member \($0) leads" } ?? "there is no leader"
    return RaftError(.notLeader, message, leader: self.leader)
  }

  // MARK: - Sending

  /// Sends as soon as this member's term is on its disk.
  mutating func send(_ body: Message.Body, to receiver: RaftID) {
    let message = Message(from: self.id, to: receiver, term: self.term, body: body)
    if self.storage.durableTerm == self.term {
      self.outbox.append(message)
    } else {
      self.hold(message)
    }
  }

  /// Sends as soon as this member's term and vote are on its disk.
  mutating func sendVote(_ body: Message.Body, to receiver: RaftID) {
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(16) {
        return self.outbox.append(Message(from: self.id, to: receiver, term: self.term, body: body))
      }
    #endif
    self.hold(Message(from: self.id, to: receiver, term: self.term, body: body))
    self.releaseHeld()
  }

  private mutating func hold(_ message: Message) {
    // With a disk that hangs this must not grow: whatever is lost is asked again.
    guard self.held.count < 256 else { return }
    self.held.append(message)
  }

  mutating func releaseHeld() {
    guard self.storage.durableTerm == self.term, self.storage.durableVote == self.votedFor else { return }
    self.outbox.append(contentsOf: self.held)
    self.held.removeAll()
  }
}
