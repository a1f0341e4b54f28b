// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Raft

/// Owns the core on one event loop: feeds it with what arrives, and carries out one batch per turn.
///
/// Whatever happens on the loop (frames, proposals, storage reports, the timer) goes into the core at once and asks for
/// a turn; the turn runs after everything that arrived together, so that it shares one batch: one write, one buffer per
/// member.
@usableFromInline
final class NodeDriver {
  let eventLoop: any EventLoop
  let configuration: RaftNodeConfiguration
  let logger: Logger
  let host: any MachineHosting
  let writer: LogWriter
  let transport: PeerTransport
  let snapshotStore: SnapshotStore
  let snapshotPool: NIOThreadPool
  private let events: EventHub
  private let hasStopped: (RaftError?) -> Void

  var core: RaftCore
  var role = RaftStatus.Role.follower
  var term: Term
  var leader: RaftID?
  var membership = Membership.empty

  var applying: ApplyState
  var requests = RequestState()
  var snapshots = SnapshotState()
  /// Where the leader's snapshot is received.
  private(set) var inbox: SnapshotInbox
  private let offers = SnapshotOffers()
  /// Whether the leader gave this member a snapshot without a state, before it knew that it is a witness.
  var wasTreatedAsWitness = false
  /// Whether there is no room for further entries.
  var isStorageFull = false

  private var isTurnScheduled = false
  private var turnBegan: Duration = .zero
  /// Set when a write was done at once, so that what waits for it goes in the same turn.
  private var isWriteDone = false
  /// Messages that say nothing but what is committed.
  private var commitMessages: [Message] = []
  /// The newest write that the writer's thread has and hasn't reported.
  private var lastWrite: WriteID?
  var activity = NodeActivity()
  let gauges: NodeGauges
  private var nextSecond: Scheduled<Void>?
  private var timer: (scheduled: Scheduled<Void>, deadline: Duration)?
  private(set) var phase = Phase.running

  /// How far the end is.
  enum Phase: Equatable {
    case running
    /// Handing leadership over, then stopping.
    case leaving
    /// Waiting for the log to be closed.
    case closing
    case stopped
  }

  /// The parts that a driver is made of.
  struct Parts {
    var eventLoop: any EventLoop
    var configuration: RaftNodeConfiguration
    var logger: Logger
    var host: any MachineHosting
    var writer: LogWriter
    var snapshotStore: SnapshotStore
    var snapshotPool: NIOThreadPool
    /// The newest snapshot on the disk.
    var snapshot: StoredSnapshot?
    /// Whether that is one of a witness.
    var isStateless: Bool
    /// One that was being received when the node ended.
    var unfinishedSnapshot: (identity: SnapshotIdentity, received: Int)?
    var events: EventHub
    /// Called once, with the error when it wasn't asked for.
    var hasStopped: (RaftError?) -> Void
  }

  init(_ parts: Parts, restored: RestoredState) throws(RaftError) {
    let configuration = parts.configuration
    self.eventLoop = parts.eventLoop
    self.configuration = configuration
    self.logger = parts.logger
    self.host = parts.host
    self.writer = parts.writer
    self.snapshotStore = parts.snapshotStore
    self.snapshotPool = parts.snapshotPool
    self.events = parts.events
    self.hasStopped = parts.hasStopped
    self.term = restored.hardState.term
    self.gauges = NodeGauges(configuration)
    self.applying = ApplyState(applied: restored.snapshot?.index ?? .zero)
    self.transport = PeerTransport(configuration, eventLoop: parts.eventLoop, logger: parts.logger)
    self.core = try RaftCore(
      id: configuration.member,
      configuration: configuration.raft,
      restored: restored,
      seed: UInt64.random(in: 0 ... .max),
      now: Self.duration(parts.eventLoop.now)
    )
    let offers = self.offers
    self.inbox = SnapshotInbox(
      parts.unfinishedSnapshot,
      store: parts.snapshotStore,
      pool: parts.snapshotPool,
      eventLoop: parts.eventLoop
    ) { offers.driver?.offer($0) }
    offers.driver = self
    self.transport.delegate = self
    self.wasTreatedAsWitness = parts.isStateless
    if let snapshot = parts.snapshot { self.snapshots.installed(snapshot) }
    self.lookAtGauges()
  }

  /// Where received snapshots go; made before the driver is, and let go of when it stops.
  private final class SnapshotOffers {
    var driver: NodeDriver?
  }

  /// Monotonic time, as the core counts it.
  var now: Duration { Self.duration(self.eventLoop.now) }

  static func duration(_ time: NIODeadline) -> Duration { .nanoseconds(Int64(clamping: time.uptimeNanoseconds)) }

  // MARK: - Turns

  /// Asks for a turn, after everything else that is there to be handled now.
  func scheduleTurn() {
    guard !self.isTurnScheduled, self.phase != .stopped else { return }
    self.isTurnScheduled = true
    self.eventLoop.assumeIsolated().execute {
      self.isTurnScheduled = false
      self.turn()
    }
  }

  /// Does what there is to do now, unless a turn is about to come anyway.
  @usableFromInline
  func turnNow() {
    if !self.isTurnScheduled { self.turn() }
  }

  private func turn() {
    guard self.phase == .running || self.phase == .leaving else { return }
    let began = self.eventLoop.now
    self.turnBegan = Self.duration(began)
    var deadline = self.carryOutAll()
    // Whoever was answered mostly asks for the next thing at once.
    if self.host.isGathering, self.host.takeRequests(for: self) { deadline = self.carryOutAll() }
    self.setTimer(deadline)
    // Only once: others on the loop have to have their turn.
    if !self.commitMessages.isEmpty || self.host.isGathering { self.scheduleTurn() }
    self.activity.turned(from: began, to: self.eventLoop.now)
  }

  /// Carries out what there is to do, and what follows from writes that are done at once.
  private func carryOutAll() -> Duration {
    while true {
      self.isWriteDone = false
      let ready = self.core.takeReady()
      let deadline = ready.nextDeadline
      self.carryOut(ready)
      guard self.isWriteDone, self.phase == .running || self.phase == .leaving else { return deadline }
    }
  }

  private func carryOut(_ ready: consuming Ready) {
    if let failure = ready.failure { return self.stop(failure) }
    if let membership = ready.membershipChange { self.adopt(membership) }
    let roleChange = ready.roleChange
    let hasLostLeadership = self.role == .leader && roleChange != nil
    if let roleChange { self.adopt(roleChange) }

    // What others wait for goes first: they write to their disks while this one does.
    self.send(ready.messages)
    if let write = ready.write { self.submit(write) }
    self.dropUnusedSnapshot()
    for read in ready.logReads { self.read(read) }
    for member in ready.snapshotsToSend { self.sendSnapshot(to: member) }

    if let restore = ready.restore { self.applying.replaceAll(by: restore) }
    if let range = ready.committedRange { self.applying.queue.append(.range(range)) }
    if !ready.committed.isEmpty { self.applying.queue.append(.entries(ready.committed)) }
    self.applyQueued()
    self.confirm(ready.reads)
    self.fail(ready.failedReads)

    if hasLostLeadership { self.leadershipEnded() }
    self.answerTransfers(abandoned: ready.abandonedTransfer)
    let hasLeft = self.role != .leader && self.leader != nil || ready.abandonedTransfer != nil
    if self.phase == .leaving, hasLeft { self.stop(nil) }
  }

  /// Sends what there is; that something is committed waits for the next turn.
  ///
  /// Whoever is told so that it is committed mostly proposes the next thing at once, and entries carry the commit index
  /// along: then two messages and what they cost are saved.
  private func send(_ messages: [Message]) {
    let due = self.commitMessages
    self.commitMessages.removeAll(keepingCapacity: true)
    for message in messages {
      if case .heartbeat(_, round: 0) = message.body, !due.contains(where: { $0.to == message.to }) {
        self.commitMessages.append(message)
      } else {
        self.transport.send(message)
      }
    }
    for message in due where !messages.contains(where: { $0.to == message.to && $0.body.tellsCommit }) {
      self.transport.send(message)
    }
    self.transport.flush()
  }

  private func submit(_ write: Ready.Write) {
    self.activity.submitted(write.entries.count)
    if self.configuration.durability == .none, write.snapshot == nil, self.lastWrite == nil {
      self.activity.log.bytes += write.entries.encodedLength
      self.core.storageCompleted(write.id, now: self.turnBegan)
      // A follower owes an answer now; a leader mostly has to wait for others.
      self.isWriteDone = self.role != .leader || self.core.hasDecided
      return
    }
    let received = write.snapshot.flatMap { self.snapshots.take($0.position) }
    self.lastWrite = write.id
    self.writer.submit(.write(write, received: received))
  }

  private func adopt(_ membership: Membership) {
    self.membership = membership
    self.transport.update(membership)
    self.emit(.membershipChanged(membership))
  }

  private func adopt(_ change: Ready.RoleChange) {
    self.role = change.role
    self.term = change.term
    self.leader = change.leader
    self.gauges.roleChanged()
    self.logger.log(
      level: change.role == .leader ? .info : .debug,
      "the role changed",
      metadata: self.place(["role": "\(change.role)", "leader": "\(change.leader.map { "\($0)" } ?? "unknown")"])
    )
    self.emit(.roleChanged(change))
  }

  /// Adds to a line of the log where in time it belongs.
  func place(_ metadata: Logger.Metadata) -> Logger.Metadata {
    metadata.merging(["term": "\(self.term)", "index": "\(self.applying.applied)"]) { own, _ in own }
  }

  /// Tells the state machine and everybody who listens.
  func emit(_ event: RaftEvent) {
    self.host.didChange(event)
    self.events.yield(event)
  }

  // MARK: - The timer

  private func setTimer(_ deadline: Duration) {
    guard self.phase == .running || self.phase == .leaving else { return }
    if let timer {
      // A deadline that moved away (it does with each word of the leader) is looked at when the timer fires.
      guard deadline < timer.deadline else { return }
      timer.scheduled.cancel()
    }
    let time = NIODeadline.uptimeNanoseconds(UInt64(clamping: TimeAmount(deadline).nanoseconds))
    let scheduled = self.eventLoop.assumeIsolated().scheduleTask(deadline: time) { self.timerFired() }
    self.timer = (scheduled, deadline)
  }

  private func timerFired() {
    self.timer = nil
    guard self.phase == .running || self.phase == .leaving else { return }
    let now = self.now
    if now >= self.core.nextDeadline { self.core.tick(now: now) }
    self.turn()
  }

  private func lookAtGauges() {
    self.nextSecond = self.eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) {
      self.updateGauges()
      self.lookAtGauges()
    }
  }

  /// Looks at saturation and at the metrics that are amounts at a moment.
  func updateGauges() { self.gauges.update(self.activity, self.core.status, now: self.eventLoop.now) }

  // MARK: - The end

  /// Hands leadership over when there is somebody to take it, and stops.
  func leave() {
    guard self.phase == .running else { return }
    self.phase = .leaving
    let others = self.membership.voters.contains { $0.id != self.core.id }
    guard self.role == .leader, others, (try? self.core.transferLeadership(to: nil, now: self.now)) != nil else {
      return self.stop(nil)
    }
    self.scheduleTurn()
    self.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(self.configuration.raft.electionTimeout)) {
      if self.phase == .leaving { self.stop(nil) }
    }
  }

  /// Stops; with an error at once, without one when the log is closed.
  func stop(_ error: RaftError?) {
    guard self.phase != .stopped, self.phase != .closing || error != nil else { return }
    self.timer?.scheduled.cancel()
    self.timer = nil
    self.nextSecond?.cancel()
    self.gauges.destroy()
    self.transport.flush()
    self.transport.close()
    self.offers.driver = nil
    self.snapshots.cancelSending()
    self.failEverything()
    if let error {
      self.phase = .stopped
      self.logger.error("the node stopped", metadata: self.place(["error": "\(error)"]))
      self.writer.abandon()
      self.hasStopped(error)
    } else {
      self.phase = .closing
      self.writer.submit(.close)
    }
  }

  /// Stops as a killed process does: nothing more is written.
  func kill() {
    guard self.phase != .stopped else { return }
    self.stop(RaftError(.stopped, "the node was killed"))
  }

  // MARK: - Storage

  /// The writer's thread finished a round.
  func handle(_ report: LogWriter.Report) {
    guard self.phase != .stopped else { return }
    if let failure = report.failure { return self.stop(failure) }
    if report.isClosed {
      self.phase = .stopped
      return self.hasStopped(nil)
    }
    guard self.phase != .closing else { return }
    self.storageIsFull(report.isFull)
    self.activity.log += report.traffic
    if let completed = report.completed {
      self.gauges.wrote(in: report.traffic.busy)
      if completed == self.lastWrite { self.lastWrite = nil }
      self.core.storageCompleted(completed, now: self.now)
    }
    for read in report.reads { self.finishRead(read.id, read.entries) }
    self.scheduleTurn()
  }
}

extension NodeDriver: PeerTransport.Delegate {
  func received(_ frame: PeerFrame, from peer: RaftID, on connection: PeerConnection) {
    guard self.phase == .running || self.phase == .leaving else { return }
    switch frame {
    case .message(let message):
      guard self.isOfUse(message) else { return }
      self.core.receive(message, now: self.now)
    case .snapshotBegins(let transfer, let length, let checksum, let message):
      self.snapshotBegins(transfer, length: length, checksum: checksum, message, on: connection)
    case .snapshotPiece(let transfer, let offset, let bytes):
      self.inbox.arrived(transfer, bytes, at: offset, on: connection)
    case .snapshotProgress(let transfer, let received, let state):
      self.snapshots.sender(transfer, to: peer)?.progressed(received, state)
    case .handshake, .refusal:
      break
    }
  }

  func readEnded() {
    // A follower hears of one member only; a leader is likely to hear of the next one at once, but when a majority is there nobody
    // has to wait for the rest.
    if self.role == .follower { self.turnNow() } else if self.core.hasDecided { self.turn() } else { self.scheduleTurn() }
  }

  func peerFound(_ peer: RaftID) { self.events.yield(.peerConnected(peer)) }

  func connectionRefused(from peer: RaftID?, _ reason: String) {
    self.events.yield(.connectionRefused(from: peer, reason: reason))
  }

  func peerLost(_ peer: RaftID, _ reason: DisconnectReason) {
    self.events.yield(.peerDisconnected(peer, reason))
    guard self.phase == .running || self.phase == .leaving else { return }
    self.core.peerLost(peer, now: self.now)
    self.snapshots.cancelSending(to: peer)
    self.inbox.connectionLost(to: peer)
    self.scheduleTurn()
  }
}

extension Message.Body {
  /// Whether the receiver learns from it what is committed.
  fileprivate var tellsCommit: Bool {
    switch self {
    case .append, .heartbeat: true
    default: false
    }
  }
}
