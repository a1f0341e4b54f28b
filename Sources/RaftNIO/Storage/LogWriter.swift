// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import Raft
internal import Synchronization

/// The one thread that owns the log file.
///
/// It drains everything that gathered while the last sync ran, writes it with one sync, and reports once.
final class LogWriter: Sendable {
  /// Something to do, in order.
  enum Job: Sendable {
    /// Make a write durable. A snapshot to install is in the file that `received` names; a witness's has no bytes, and no file
    /// yet.
    case write(Ready.Write, received: String?)
    /// Read entries back for somebody who knows the number.
    case read(ReadID, ClosedRange<LogIndex>, maximumBytes: Int)
    /// Let go of segments that hold nothing behind this entry.
    case compact(through: LogIndex)
    /// Try again what there was no room for.
    case findRoom
    /// Encrypt with the provider's current key from now on.
    case renewKey(@Sendable (Result<Void, any Error>) -> Void)
    /// Say which keys the log needs.
    case listKeys(@Sendable (Result<Set<UInt64>, any Error>) -> Void)
    /// Leave a mark that everything is synced, and stop.
    case close
  }

  /// Names a read.
  typealias ReadID = UInt64

  /// What became of the jobs of one round.
  struct Report: Sendable {
    /// Everything up to this write is on the disk.
    var completed: WriteID?
    /// What the round wrote, and how long it took.
    var traffic = LogTraffic()
    /// What was read.
    var reads: [(id: ReadID, entries: Result<[Entry], RaftError>)] = []
    /// Whether there is no room for more, and writes may wait for some.
    var isFull = false
    /// The log can't be written any more; nothing else is reported after that.
    var failure: RaftError?
    /// The log is closed; nothing else is reported after that.
    var isClosed = false
  }

  private struct Queue {
    var jobs: [Job] = []
    var isRunning = false
    var isStopped = false
  }

  private let pool: NIOThreadPool
  private let eventLoop: any EventLoop
  private let snapshots: SnapshotStore
  private let report: @Sendable (Report) -> Void
  private let queue = Mutex(Queue())
  /// Only the writer's thread takes this lock while jobs run.
  private let store: Mutex<LogStore?>
  /// What was appended and not flushed yet, because there was no room; only the writer's thread looks at it.
  private let unflushed = Mutex(Unflushed())

  private struct Unflushed {
    var last: WriteID?
    var base: LogIndex?
    var wasFull = false
  }

  /// - Parameters:
  ///   - store: the log.
  ///   - snapshots: where received snapshots are published.
  ///   - pool: one thread, which nothing else uses.
  ///   - eventLoop: where `report` is called.
  ///   - report: takes one report per round.
  init(
    store: consuming LogStore,
    snapshots: SnapshotStore,
    pool: NIOThreadPool,
    eventLoop: any EventLoop,
    report: @escaping @Sendable (Report) -> Void
  ) {
    self.store = Mutex(consume store)
    self.snapshots = snapshots
    self.pool = pool
    self.eventLoop = eventLoop
    self.report = report
  }

  /// Queues a job; the thread is woken once for all that gather.
  func submit(_ job: Job) {
    let (isTaken, wakes) = self.queue.withLock { queue in
      guard !queue.isStopped else { return (false, false) }
      queue.jobs.append(job)
      guard !queue.isRunning else { return (true, false) }
      queue.isRunning = true
      return (true, true)
    }
    if !isTaken { job.refuse() }
    guard wakes else { return }
    self.pool.submit { state in
      guard state == .active else { return }
      self.run()
    }
  }

  /// Gives up what is still queued, as a killed process does.
  ///
  /// The directory is free as soon as the thread is done with what it is about.
  func abandon() {
    let (isRunning, jobs) = self.queue.withLock { queue in
      queue.isStopped = true
      defer { queue.jobs = [] }
      return (queue.isRunning, queue.jobs)
    }
    for job in jobs { job.refuse() }
    if !isRunning { self.store.withLock { $0 = nil } }
  }

  private enum Step {
    case perform([Job])
    case prepare
    case rest
    /// With what came too late to be done.
    case stop([Job])
  }

  private func nextStep(isPrepared: Bool) -> Step {
    self.queue.withLock { queue in
      if queue.isStopped {
        queue.isRunning = false
        defer { queue.jobs = [] }
        return .stop(queue.jobs)
      }
      guard queue.jobs.isEmpty else {
        let jobs = queue.jobs
        queue.jobs = []
        return .perform(jobs)
      }
      guard isPrepared else { return .prepare }
      queue.isRunning = false
      return .rest
    }
  }

  private func run() {
    var isPrepared = false
    while true {
      switch self.nextStep(isPrepared: isPrepared) {
      case .perform(let jobs):
        self.deliver(self.store.withLock { self.perform(jobs, in: &$0) })
        isPrepared = false
      case .prepare:
        // One step, then back to whoever came meanwhile.
        do throws(RaftError) {
          isPrepared = try self.store.withLock { store throws(RaftError) in try store?.prepareStep() != true }
          if isPrepared { self.deliver(Report(isFull: self.store.withLock { $0?.isFull == true })) }
        } catch {
          self.deliver(Report(failure: error))
        }
      case .rest:
        return
      case .stop(let late):
        for job in late { job.refuse() }
        return self.store.withLock { $0 = nil }
      }
    }
  }

  private func deliver(_ report: Report) {
    let isLast = report.failure != nil || report.isClosed
    if isLast { self.queue.withLock { $0.isStopped = true } }
    let fullnessChanged = self.unflushed.withLock { unflushed in
      defer { unflushed.wasFull = report.isFull }
      return unflushed.wasFull != report.isFull
    }
    guard isLast || fullnessChanged || report.completed != nil || !report.reads.isEmpty else { return }
    self.eventLoop.execute { self.report(report) }
  }

  private func perform(_ jobs: [Job], in store: inout LogStore?) -> Report {
    var report = Report()
    let began = NIODeadline.now()
    do throws(RaftError) {
      for case .write(let write, let received) in jobs {
        if let snapshot = write.snapshot { try self.install(snapshot, received) }
        store?.append(LogRecord(write))
        self.unflushed.withLock { unflushed in
          unflushed.last = write.id
          if let snapshot = write.snapshot { unflushed.base = snapshot.index }
        }
      }
      try self.flush(&store, &report)
      report.traffic = store?.takeTraffic() ?? LogTraffic()
      report.traffic.busy = .nanoseconds((NIODeadline.now() - began).nanoseconds)
      report.traffic.slowest = report.traffic.busy
      for job in jobs {
        switch job {
        case .write: break
        case .read(let id, let range, let maximumBytes):
          let entries = Result<[Entry], RaftError> { () throws(RaftError) in
            try store?.read(range, maximumBytes: maximumBytes) ?? []
          }
          if case .failure(let error) = entries, error.code != .compacted { throw error }
          report.reads.append((id, entries))
        case .compact(let index):
          try store?.compact(through: index)
        case .findRoom:
          try store?.findRoom()
          try self.flush(&store, &report)
        case .renewKey(let completion):
          try store?.renewKey()
          completion(.success(()))
        case .listKeys(let completion):
          completion(.success(store?.keysInUse ?? []))
        case .close:
          try store?.close()
          report.isClosed = true
        }
      }
      if store?.isPreparationUrgent() == true { _ = try store?.prepareStep() }
      report.isFull = store?.isFull == true
    } catch {
      report.failure = error
      for job in jobs { job.refuse() }
    }
    return report
  }

  /// Makes everything appended durable, unless there is no room for it.
  private func flush(_ store: inout LogStore?, _ report: inout Report) throws(RaftError) {
    do throws(RaftError) {
      try store?.flush()
    } catch {
      guard error.isOutOfRoom else { throw error }
      return
    }
    let (last, base) = self.unflushed.withLock { unflushed in
      defer { (unflushed.last, unflushed.base) = (nil, nil) }
      return (unflushed.last, unflushed.base)
    }
    report.completed = last ?? report.completed
    if let base { try store?.compact(through: base) }
  }

  private func install(_ snapshot: SnapshotMetadata, _ received: String?) throws(RaftError) {
    if let received { return try self.snapshots.publish(received, as: snapshot) }
    do {
      _ = try self.snapshots.write(SnapshotBytes { [] }, snapshot, purpose: "installed")
    } catch {
      throw error as? RaftError ?? RaftError(.storageFailed, "a snapshot can't be written", cause: error)
    }
  }
}

extension LogWriter.Job {
  /// It won't be done: whoever waits for it hears so, unless it was.
  fileprivate func refuse() {
    let stopped = RaftError(.stopped, "the node is stopped")
    switch self {
    case .renewKey(let completion): completion(.failure(stopped))
    case .listKeys(let completion): completion(.failure(stopped))
    case .write, .read, .compact, .findRoom, .close: break
    }
  }
}

extension LogRecord {
  fileprivate init(_ write: Ready.Write) {
    self.init(
      base: write.snapshot?.position,
      truncateAfter: write.truncateAfter,
      entries: write.entries,
      hardState: write.hardState
    )
  }
}
