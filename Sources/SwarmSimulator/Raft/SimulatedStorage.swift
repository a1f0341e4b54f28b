// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// The writer of a member's log, as the driver's thread does it.
///
/// Everything that gathered while the last sync ran is one batch with one sync. A batch is carried out step by step, so that a
/// crash can come between any two.
struct SimulatedStorage: Sendable {
  /// Something to do, in order.
  enum Job: Sendable {
    case write(Ready.Write, received: SimulatedDisk.SnapshotImage?)
    case read(UInt64, ClosedRange<LogIndex>, maximumBytes: Int)
    case compact(through: LogIndex)
  }

  /// One thing that a disk does at a time.
  enum Step: Sendable {
    case publish(SimulatedDisk.SnapshotImage)
    case write(LogAppender.Write)
    case recycle(UInt64)
  }

  /// What became of a batch.
  struct Report: Sendable {
    var completed: WriteID?
    var reads: [(id: UInt64, entries: Result<[Entry], RaftError>)] = []
  }

  private struct Batch {
    var jobs: [Job]
    var steps: [Step] = []
    var next = 0
    /// What the log says after each of its writes.
    var shadows: [LogShadow] = []
    var isSynced = false
  }

  var disk: SimulatedDisk
  private(set) var appender: LogAppender
  private let segmentSize: Int
  private var queue: [Job] = []
  private var batch: Batch?
  /// What is on the disk for sure.
  private(set) var durable: LogShadow
  /// What the log will say when everything queued is done.
  private(set) var written: LogShadow
  /// The next write fails, and so does everything after it.
  var failsNext = false

  init(disk: SimulatedDisk, appender: LogAppender, segmentSize: Int, shadow: LogShadow) {
    self.disk = disk
    self.appender = appender
    self.segmentSize = segmentSize
    self.durable = shadow
    self.written = shadow
    // Opening makes its own first writes durable before anything else happens.
    for write in self.appender.takeWrites() { self.disk.perform(write, segmentSize: segmentSize) }
    self.appender.writesSynced()
  }

  var isBusy: Bool { self.batch != nil }
  var hasWritesQueued: Bool { self.queue.contains { if case .write = $0 { true } else { false } } }

  /// Queues a job.
  ///
  /// - Returns: what is wrong with it, when anything is.
  mutating func submit(_ job: Job) -> String? {
    self.queue.append(job)
    guard case .write(let write, _) = job else { return nil }
    return self.written.apply(write)
  }

  /// Starts a batch with everything that waits; false when there is nothing, or one is under way.
  mutating func begin() -> Bool {
    guard self.batch == nil, !self.queue.isEmpty else { return false }
    var batch = Batch(jobs: self.queue)
    self.queue = []
    var shadow = self.durable
    for case .write(let write, let received) in batch.jobs {
      if let received { batch.steps.append(.publish(received)) }
      self.appender.append(
        LogRecord(
          base: write.snapshot?.position,
          truncateAfter: write.truncateAfter,
          entries: write.entries,
          hardState: write.hardState
        )
      )
      _ = shadow.apply(write)
      batch.shadows.append(shadow)
    }
    for write in self.appender.takeWrites() { batch.steps.append(.write(write)) }
    self.batch = batch
    return true
  }

  /// The step under way, nil when what is left of the batch needs no disk.
  var step: Step? { self.batch.flatMap { $0.next < $0.steps.count ? $0.steps[$0.next] : nil } }

  /// Whether the step under way makes a file: batches go into room that was set aside when their segment began.
  var needsRoom: Bool {
    switch self.step {
    case .publish?: true
    case .write(let write)?: write.startsSegment && !self.disk.hasSpare
    case .recycle?, nil: false
    }
  }

  /// The step under way is done.
  ///
  /// - Returns: a report when the batch is done; nil when another step has to be waited for.
  mutating func advance() -> Report? {
    if let step = self.step {
      switch step {
      case .publish(let image): self.disk.publish(image)
      case .write(let write): self.disk.perform(write, segmentSize: self.segmentSize)
      case .recycle(let segment): self.disk.recycle(segment)
      }
      self.batch?.next += 1
    }
    guard var batch = self.batch.take() else { return nil }
    let hasWritesLeft = batch.steps[batch.next...].contains { if case .recycle = $0 { false } else { true } }
    if !hasWritesLeft, !batch.isSynced {
      batch.isSynced = true
      self.appender.writesSynced()
      if let last = batch.shadows.last { self.durable = last }
      self.compact(&batch)
    }
    guard batch.next == batch.steps.count else {
      self.batch = batch
      return nil
    }
    return self.report(of: batch)
  }

  private mutating func compact(_ batch: inout Batch) {
    var through: LogIndex?
    for job in batch.jobs {
      switch job {
      case .compact(let index): through = max(through ?? .zero, index)
      case .write(let write, _): through = write.snapshot.map { max(through ?? .zero, $0.index) } ?? through
      case .read: break
      }
    }
    guard let through else { return }
    for segment in self.appender.compact(through: through) { batch.steps.append(.recycle(segment)) }
  }

  private func report(of batch: Batch) -> Report {
    var report = Report()
    for job in batch.jobs {
      switch job {
      case .write(let write, _): report.completed = write.id
      case .read(let id, let range, let maximumBytes):
        let entries = Result<[Entry], RaftError> { () throws(RaftError) in
          try self.disk.read(range, through: self.appender, maximumBytes: maximumBytes)
        }
        report.reads.append((id, entries))
      case .compact: break
      }
    }
    return report
  }

  // MARK: - The end

  /// The process dies, with or without the power.
  ///
  /// - Returns: what the log on disk may say now, and what became of the write under way.
  mutating func crash(power: Bool, using random: inout SeededStream) -> (shadows: [LogShadow], tear: SimulatedDisk.Tear?) {
    self.queue = []
    self.written = self.durable
    guard let batch = self.batch.take() else { return ([self.durable], nil) }
    var tear: SimulatedDisk.Tear?
    switch batch.next < batch.steps.count ? batch.steps[batch.next] : nil {
    case .write(let write)? where power:
      tear = self.disk.tear(write, segmentSize: self.segmentSize, using: &random)
    case .write(let write)?:
      // Without a power loss the kernel keeps what it was given.
      if random.below(2) == 0 { self.disk.perform(write, segmentSize: self.segmentSize) }
    case .publish(let image)?:
      if random.below(2) == 0 { self.disk.publish(image) }
    case .recycle(let segment)?:
      if random.below(2) == 0 { self.disk.recycle(segment) }
    case nil: break
    }
    return ([self.durable] + batch.shadows, tear)
  }
}
