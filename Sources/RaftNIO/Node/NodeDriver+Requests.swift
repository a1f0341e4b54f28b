// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
public import Raft

/// Who waits for what, besides proposals.
struct RequestState {
  /// A membership change under way.
  struct Change {
    var change: MembershipChange
    var index: LogIndex
    var promise: EventLoopPromise<(RaftID, Membership)>
  }

  /// Reads that were asked for together.
  typealias Reads = [@Sendable (Result<LogIndex, RaftError>) -> Void]

  /// Reads that wait for their index.
  var unconfirmedReads: [ReadRequestID: Reads] = [:]
  /// Reads that wait until their index is applied.
  var confirmedReads: [(index: LogIndex, reads: Reads)] = []
  var changes: [Change] = []
  var transfers: [(target: RaftID?, promise: EventLoopPromise<Void>)] = []
  /// Reads of the log for members.
  var memberReads: [LogWriter.ReadID: RaftID] = [:]
  private(set) var lastRead: LogWriter.ReadID = 0
  private var lastRequest: UInt64 = 0

  mutating func nextRead() -> LogWriter.ReadID {
    self.lastRead += 1
    return self.lastRead
  }

  mutating func nextRequest() -> ReadRequestID {
    self.lastRequest += 1
    return ReadRequestID(rawValue: self.lastRequest)
  }
}

extension NodeDriver {
  private var isRunning: Bool { self.phase == .running || self.phase == .leaving }

  private var stopped: RaftError { RaftError(.stopped, "the node is stopped") }

  private func describe(_ error: RaftError) -> RaftError { error.naming { self.membership[$0] } }

  // MARK: - Proposals

  /// Puts commands into the log.
  @usableFromInline
  func accept(_ payloads: [ArraySlice<UInt8>]) -> Result<(first: LogIndex, term: Term), RaftError> {
    Result { () throws(RaftError) in try self.propose(payloads) }
  }

  private func propose(_ payloads: [ArraySlice<UInt8>]) throws(RaftError) -> (first: LogIndex, term: Term) {
    guard self.isRunning else { throw self.stopped }
    guard !self.isStorageFull else { throw RaftError(.storageFull, "the disk has no room for further entries") }
    do {
      let now = self.eventLoop.now
      let range = try self.core.propose(payloads, now: Self.duration(now))
      self.activity.proposed(through: range.upperBound, count: payloads.count, at: now)
      return (range.lowerBound, self.core.readTerm())
    } catch {
      throw self.describe(error)
    }
  }

  // MARK: - Reads

  /// Asks for one read index for all; answered when everything up to it is applied.
  @usableFromInline
  func readIndex(_ reads: [@Sendable (Result<LogIndex, RaftError>) -> Void]) {
    guard self.isRunning else { return Self.answer(reads, .failure(self.stopped)) }
    let id = self.requests.nextRequest()
    do {
      try self.core.readIndex(id, now: self.now)
      self.requests.unconfirmedReads[id] = reads
    } catch {
      Self.answer(reads, .failure(self.describe(error)))
    }
  }

  private static func answer(_ reads: RequestState.Reads, _ result: Result<LogIndex, RaftError>) {
    for read in reads { read(result) }
  }

  func confirm(_ reads: [Ready.Read]) {
    guard !reads.isEmpty else { return }
    for read in reads {
      guard let waiting = self.requests.unconfirmedReads.removeValue(forKey: read.id) else { continue }
      self.requests.confirmedReads.append((read.index, waiting))
    }
    self.answerReads()
  }

  func fail(_ reads: [ReadRequestID]) {
    guard !reads.isEmpty else { return }
    let error = self.describe(RaftError(.notLeader, "there is no leader to confirm the read", leader: self.leader))
    for read in reads {
      Self.answer(self.requests.unconfirmedReads.removeValue(forKey: read) ?? [], .failure(error))
    }
  }

  func answerReads() {
    guard !self.requests.confirmedReads.isEmpty else { return }
    let applied = self.applying.applied
    // An answer may ask for the next read.
    var done: [(index: LogIndex, reads: RequestState.Reads)] = []
    self.requests.confirmedReads.removeAll { read in
      guard read.index <= applied else { return false }
      done.append(read)
      return true
    }
    for read in done { Self.answer(read.reads, .success(read.index)) }
  }

  // MARK: - Membership and leadership

  func change(_ change: MembershipChange, _ promise: EventLoopPromise<(RaftID, Membership)>) {
    guard self.isRunning else { return promise.fail(self.stopped) }
    do {
      let index = try self.core.proposeMembership(change, now: self.now)
      self.requests.changes.append(.init(change: change, index: index, promise: promise))
      self.scheduleTurn()
    } catch {
      promise.fail(self.describe(error))
    }
  }

  func configurationCommitted(_ entry: Entry) {
    // The core has read it before: an unreadable one would have stopped it.
    guard let membership = try? Membership(decoding: entry.payload) else { return }
    self.configurationCommitted(membership, at: entry.index)
  }

  func configurationCommitted(_ membership: Membership, at index: LogIndex? = nil) {
    guard !self.requests.changes.isEmpty else { return }
    let position = index ?? self.applying.applied
    self.requests.changes.removeAll { waiting in
      guard waiting.index <= position, waiting.change.isDone(in: membership) else { return false }
      waiting.promise.succeed((waiting.change.member ?? RaftID(waiting.index.rawValue), membership))
      return true
    }
  }

  func transfer(to target: RaftID?, _ promise: EventLoopPromise<Void>) {
    guard self.isRunning else { return promise.fail(self.stopped) }
    guard target != self.core.id || self.role != .leader else { return promise.succeed() }
    do {
      try self.core.transferLeadership(to: target, now: self.now)
      self.requests.transfers.append((target, promise))
      self.scheduleTurn()
    } catch {
      promise.fail(self.describe(error))
    }
  }

  func answerTransfers(abandoned: RaftID?) {
    guard !self.requests.transfers.isEmpty else { return }
    if let abandoned {
      let error = RaftError(.busy, "member \(abandoned) did not take over in time")
      for transfer in self.requests.transfers { transfer.promise.fail(error) }
    } else if self.role != .leader, self.leader != nil {
      for transfer in self.requests.transfers { transfer.promise.succeed() }
    } else {
      return
    }
    self.requests.transfers = []
  }

  // MARK: - Ends

  /// Who waits for something that this leader began can't know how it ends.
  func leadershipEnded() {
    self.activity.leadershipEnded()
    let error = self.describe(RaftError(.outcomeUnknown, "leadership was lost meanwhile", leader: self.leader))
    self.host.failWaiting(error)
    for change in self.requests.changes { change.promise.fail(error) }
    self.requests.changes = []
  }

  func failEverything() {
    let unknown = RaftError(.outcomeUnknown, "the node stopped meanwhile")
    self.host.failWaiting(unknown)
    for change in self.requests.changes { change.promise.fail(unknown) }
    for reads in self.requests.unconfirmedReads.values { Self.answer(reads, .failure(self.stopped)) }
    for read in self.requests.confirmedReads { Self.answer(read.reads, .failure(self.stopped)) }
    // Leadership is gone from here, whoever has it now.
    for transfer in self.requests.transfers { transfer.promise.succeed() }
    for waiting in self.snapshots.waiting { waiting.promise.fail(self.stopped) }
    self.snapshots.waiting = []
    self.requests = RequestState()
  }
}
