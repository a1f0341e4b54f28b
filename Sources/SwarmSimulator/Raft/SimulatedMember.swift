// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import Raft

/// One member of a simulated group: the real core and the real log on a simulated disk, with a state machine, and what its
/// driver keeps in memory.
struct SimulatedMember: Sendable {
  /// A step of applying.
  enum ApplyItem: Sendable {
    case entries([Entry])
    case range(ClosedRange<LogIndex>)
    case restore(SnapshotMetadata)
  }

  /// A proposal that a client waits for.
  struct Waiting: Sendable {
    var position: LogPosition
    var request: SimulatedRequest
  }

  /// A read that a client waits for.
  struct Reading: Sendable {
    var id: ReadRequestID
    var request: SimulatedRequest
    /// What had been acknowledged to anybody when it began: it must not miss that (R10).
    var floor: LogIndex
    var index: LogIndex?
    /// The leader that served it, or a follower.
    var byLeader: Bool
  }

  let id: RaftID
  var core: RaftCore
  var clock: LocalClock
  var storage: SimulatedStorage
  var machine: KeyValueMachine
  /// It votes and stores the log, but has no state machine.
  var isWitness = false

  // MARK: Life
  var isUp = true
  /// Counts starts, so that what was meant for a former life is recognised.
  var life = 0
  /// Frozen for ever, at the end of a run.
  var isGone = false
  var pausedUntil: Nanoseconds = 0
  /// What came during a pause.
  var deferred: [RaftWorld.Event] = []
  var diesAfterMessages: Int?
  var downFor: Nanoseconds = 0
  /// What the log on disk may say after a crash.
  var candidates: [LogShadow] = []
  /// A bit that was flipped on the disk.
  var rot: SimulatedDisk.Rot?

  // MARK: Turns
  var isTurnScheduled = false
  var isInTurn = false
  var tickAt = Nanoseconds.max
  var role = RaftStatus.Role.follower
  var seenCommit: LogIndex
  var lastChange: Ready.RoleChange?
  /// The configuration that held after its last turn.
  var membership: Membership
  /// The newest term that it led.
  var ledTerm = Term.zero
  /// Since when a write has been under way, by the member's own clock.
  var writingSince: Duration?
  /// When its clock last jumped, and when it was last paused, by its own clock.
  var jumpedAt = Duration.zero
  var resumedAt = Duration.zero

  // MARK: Applying
  var applied: LogIndex
  var queue: Deque<ApplyItem> = []
  var isApplying = false
  var rangeRead: UInt64?
  var machineStalledUntil: Nanoseconds = 0
  /// Only the newest event about the state machine counts.
  var machineTicket = 0
  var diskStalledUntil: Nanoseconds = 0
  /// Until then files can't be made or grow.
  var diskFullUntil: Nanoseconds = 0
  /// Only the newest event about the disk counts.
  var diskTicket = 0

  // MARK: Snapshots
  var isWritingSnapshot = false
  var appliedSinceSnapshot = 0
  var newestSnapshot: SimulatedDisk.SnapshotImage?
  var offered: SimulatedDisk.SnapshotImage?
  /// Those on their way to others.
  var transfers: [SnapshotTransfer] = []
  var receiving = SnapshotReceiving()
  /// What is received of one, on the disk.
  var unfinished: [UInt8] = []
  /// Received ones that aren't restored yet.
  var received: [SimulatedDisk.SnapshotImage] = []

  // MARK: Requests
  var waiting: [Waiting] = []
  var reading: [Reading] = []
  var memberReads: [(id: UInt64, member: RaftID)] = []
  private var lastRead: UInt64 = 0

  init(
    id: RaftID,
    core: RaftCore,
    clock: LocalClock,
    storage: SimulatedStorage,
    machine: KeyValueMachine,
    isWitness: Bool
  ) {
    self.isWitness = isWitness
    self.id = id
    self.core = core
    self.clock = clock
    self.storage = storage
    self.machine = machine
    self.applied = storage.disk.snapshot?.metadata.index ?? .zero
    self.newestSnapshot = storage.disk.snapshot
    self.seenCommit = core.commitIndex
    self.membership = core.membership
  }

  /// Sums up its state machine, if it has one.
  var stateDigest: UInt64? { self.isWitness ? nil : self.machine.digest }

  mutating func nextRead() -> UInt64 {
    self.lastRead += 1
    return self.lastRead
  }

  /// Whether it takes part at that time.
  func isRunning(at time: Nanoseconds) -> Bool { self.isUp && !self.isGone && self.pausedUntil <= time }
}

/// Something that a client asked a member.
struct SimulatedRequest: Sendable, Hashable {
  var client: Int
  /// The operation, counted over all clients.
  var number: Int
  var attempt: Int
  var body: Body

  enum Body: Sendable, Hashable {
    case read(key: Int)
    case write(KeyValueCommand)
  }
}

/// What a member answers.
enum SimulatedReply: Sendable {
  case value(UInt64)
  case written(KeyValueResult, at: LogIndex)
  /// Nothing was accepted; ask that member, or another one.
  case refused(leader: RaftID?)
  /// It may have been accepted.
  case unknown
  /// It wasn't carried out now, but an earlier attempt may have been: the session is forgotten.
  case expired
}
