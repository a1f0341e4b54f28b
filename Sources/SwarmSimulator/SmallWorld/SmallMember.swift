// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// One member of a small world: the real core, and a disk.
struct SmallMember {
  /// What a disk holds.
  struct Disk {
    var hardState: HardState
    var entries: [Entry]

    var log: PackedLog { PackedLog(self.entries) }

    /// Carries out a write; gives a complaint when it makes no sense.
    mutating func apply(_ write: Ready.Write) -> String? {
      if let last = write.truncateAfter {
        guard last.rawValue < UInt64(self.entries.count) else { return "\(write.id) cuts after \(last)" }
        self.entries.removeLast(self.entries.count - Int(last.rawValue))
      }
      if let first = write.entries.first, first.index.rawValue != UInt64(self.entries.count) + 1 {
        return "\(write.id) appends \(first.position) behind \(self.entries.count) entries"
      }
      self.entries.append(contentsOf: write.entries)
      guard let next = write.hardState else { return nil }
      let last = self.hardState
      self.hardState = next
      guard next.term >= last.term, next.commit >= last.commit else { return "the state goes back from \(last) to \(next)" }
      guard next.term > last.term || last.votedFor == nil || next.votedFor == last.votedFor else {
        return "the vote changes from \(last) to \(next)"
      }
      return nil
    }
  }

  enum Event: Hashable {
    case campaign
    case propose
    case sync
    case crash
    case deliver(Message)
  }

  /// What an event led to.
  struct Outcome {
    var messages: [Message] = []
    /// Set when the member came to lead.
    var leadsTerm: Term?
    /// Entries that became known as decided.
    var decided: [LogPosition] = []
    var violation: String?

    mutating func complain(_ complaint: String) { self.violation = self.violation ?? complaint }
  }

  private(set) var core: RaftCore
  /// What survives a crash.
  private(set) var durable: Disk
  /// What is there when all writes under way are done.
  private(set) var written: Disk
  private var lastWrite: WriteID?
  private var applied = LogIndex.zero
  private let hasSlowDisk: Bool

  var standing: Standing {
    Standing(
      term: self.core.status.term,
      role: self.core.role,
      durableTerm: self.durable.hardState.term,
      hasVoted: self.durable.hardState.votedFor != nil
    )
  }
  var isDiskIdle: Bool { self.lastWrite == nil }

  init(id: RaftID, bootstrap: Bootstrap, hasSlowDisk: Bool) throws(RaftError) {
    let disk = Disk(hardState: bootstrap.hardState, entries: bootstrap.entries)
    self.durable = disk
    self.written = disk
    self.hasSlowDisk = hasSlowDisk
    self.core = try Self.start(id, disk)
    var outcome = Outcome()
    self.turn(&outcome)
  }

  /// One entry per message and one message on its way: what is sent depends on little else than what was heard.
  private static let configuration = RaftConfiguration(replication: .init(messageBytes: 1, inFlightMessages: 1))

  private static func start(_ id: RaftID, _ disk: Disk) throws(RaftError) -> RaftCore {
    let restored = try RestoredState(hardState: disk.hardState, entries: disk.entries)
    return try RaftCore(id: id, configuration: self.configuration, restored: restored, seed: 1, now: .zero)
  }

  mutating func perform(_ event: Event) -> Outcome {
    var outcome = Outcome()
    do throws(RaftError) {
      switch event {
      case .campaign: self.core.campaignAtOnce(now: .zero)
      // Commands of two leaders differ, whatever the leaders are called.
      case .propose: _ = try self.core.propose([[UInt8(truncatingIfNeeded: self.core.status.term.rawValue)]], now: .zero)
      case .sync: self.sync()
      case .crash:
        self.written = self.durable
        self.lastWrite = nil
        self.applied = .zero
        self.core = try Self.start(self.core.id, self.durable)
      case .deliver(let message): self.core.receive(message, now: .zero)
      }
    } catch {
      outcome.complain("\(event) fails: \(error)")
    }
    self.turn(&outcome)
    return outcome
  }

  private mutating func sync() {
    guard let write = self.lastWrite.take() else { return }
    self.durable = self.written
    self.core.storageCompleted(write, now: .zero)
  }

  /// Does what there is to do.
  private mutating func turn(_ outcome: inout Outcome) {
    while true {
      let ready = self.core.takeReady()
      var isIdle = ready.messages.isEmpty && ready.write == nil && ready.committed.isEmpty
      if let write = ready.write {
        if let complaint = self.written.apply(write) { outcome.complain(complaint) }
        self.lastWrite = write.id
      }
      for message in ready.messages {
        if let complaint = self.complaint(about: message) { outcome.complain(complaint) }
        outcome.messages.append(message)
      }
      if ready.roleChange?.role == .leader { outcome.leadsTerm = ready.roleChange?.term }
      for entry in ready.committed {
        if entry.index != self.applied.next { outcome.complain("what stands before \(entry.index) is left out") }
        self.applied = entry.index
        outcome.decided.append(entry.position)
      }
      self.core.applied(upTo: self.applied)
      if let failure = ready.failure { outcome.complain("member \(self.core.id) stopped: \(failure)") }
      if !self.hasSlowDisk, self.lastWrite != nil {
        self.sync()
        isIdle = false
      }
      if isIdle { return }
    }
  }

  /// Nothing is said that the disk doesn't hold.
  private func complaint(about message: Message) -> String? {
    let isTrue =
      switch message.body {
      case .voteRequest: self.durable.hardState.votedFor == message.from
      case .voteResponse(granted: true): self.durable.hardState.votedFor == message.to
      case .appendAccepted(let match): match.rawValue <= UInt64(self.durable.entries.count)
      default: true
      }
    return isTrue && message.term <= self.durable.hardState.term ? nil : "\(message) isn't on the disk"
  }

  /// Tells this member's state from all others as far as it matters for what comes next; members go by other names.
  func digest(naming name: (RaftID) -> RaftID) -> UInt64 {
    var hasher = Hasher()
    self.core.hashEssence(into: &hasher, naming: name)
    for disk in [self.durable, self.written] {
      hasher.combine(disk.hardState.term)
      hasher.combine(disk.hardState.votedFor.map(name))
      hasher.combine(disk.hardState.commit)
      hasher.combine(disk.log)
    }
    hasher.combine(self.isDiskIdle)
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }
}
