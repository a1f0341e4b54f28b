// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// The log on disk: carries out what ``LogAppender`` lays out.
///
/// Every method blocks; only the writer's thread calls them.
///
/// After any error the store must not be used again: a failed sync leaves nobody knowing what is on the disk.
struct LogStore: ~Copyable, Sendable {
  let directory: StorageDirectory
  private var appender: LogAppender
  private var current: SegmentFile?
  private var spare: SegmentFile?
  private var spareName: String?
  private var recycled: [String] = []
  private var spareCount = 0
  /// Set when there is no room for zeros ahead; the log may still have room for what it holds already.
  private var hasNoRoom = false
  private let faults: StorageFaults
  private let durability: LogDurability
  /// What was written since the last look.
  private var traffic = LogTraffic()

  /// Zeros that are kept ahead: a busy disk has time to make more, and a log that grows slowly doesn't write what it may
  /// never need.
  private static let runway = 8 << 20
  /// Two segments wait at most; more are deleted.
  private static let maximumRecycled = 2

  /// Takes over a directory with what recovery found in it, and makes the opening batch durable.
  init(
    directory: consuming StorageDirectory,
    appender: LogAppender,
    faults: StorageFaults,
    durability: LogDurability = .synced
  ) throws(RaftError) {
    self.directory = directory
    self.appender = appender
    self.faults = faults
    self.durability = durability
    if let segment = appender.segments.last, !appender.startsWithNewSegment {
      self.current = try SegmentFile(OpenFile(self.directory.path(of: StorageNames.segment(segment.sequence)), .update))
    }
    try self.flush()
  }

  /// Lays a record out behind the ones before it.
  ///
  /// ``flush()`` writes it.
  mutating func append(_ record: LogRecord) {
    self.appender.append(record)
  }

  /// Writes and syncs everything that was appended: one sync, unless a segment ends.
  mutating func flush() throws(RaftError) {
    guard self.appender.hasWrites else { return }
    for write in self.appender.takeWrites() {
      if write.startsSegment { try self.startSegment() }
      try self.faults.check(.sync)
      let isSynced = self.durability == .synced
      try self.current?.write(write.bytes, at: Int(write.position.offset), sync: isSynced)
      self.traffic.bytes += write.bytes.count
      if isSynced { self.traffic.syncs += 1 }
      if write.startsSegment { try self.publishSegment(write.position.segment) }
    }
    self.appender.writesSynced()
  }

  /// What was written since the last call.
  mutating func takeTraffic() -> LogTraffic {
    let traffic = self.traffic
    self.traffic = LogTraffic()
    return traffic
  }

  /// Takes the spare file, or makes one.
  ///
  /// It gets the segment's name when its first bytes are on the disk.
  private mutating func startSegment() throws(RaftError) {
    if self.spare == nil { try self.makeSpare() }
    self.current = self.spare.take()
  }

  private mutating func publishSegment(_ sequence: UInt64) throws(RaftError) {
    guard let name = self.spareName else { preconditionFailure("segment \(sequence) began without a file") }
    self.spareName = nil
    try self.directory.rename(name, to: StorageNames.segment(sequence))
    try self.directory.sync()
    self.current?.moved(to: self.directory.path(of: StorageNames.segment(sequence)))
  }

  private mutating func makeSpare() throws(RaftError) {
    if let name = self.recycled.popLast() {
      self.spareName = name
      self.spare = try SegmentFile(OpenFile(self.directory.path(of: name), .update))
      return
    }
    let name = self.nextSpareName()
    self.spareName = name
    var file = try SegmentFile(OpenFile(self.directory.path(of: name), .create))
    try file.allocate(upTo: self.appender.segmentSize)
    self.spare = consume file
  }

  private mutating func nextSpareName() -> String {
    self.spareCount += 1
    return StorageNames.spare(self.spareCount)
  }

  // MARK: - Preparing ahead

  /// Whether zeros are needed soon, so that a step is worth its time even while writes wait.
  mutating func isPreparationUrgent() -> Bool { self.zerosAhead() < SegmentFile.step / 2 }

  /// Bytes that can be written before the file, or the next one, must grow.
  private mutating func zerosAhead() -> Int {
    let allocated = self.current?.allocated ?? 0
    let rest = max(0, allocated - Int(self.appender.position.offset))
    return allocated < self.appender.segmentSize ? rest : rest + (self.spare?.allocated ?? 0)
  }

  /// One step towards zeros ahead: first in the segment in use, then in the next one.
  ///
  /// A full disk isn't an error yet: what fails here fails again when it is needed.
  ///
  /// - Returns: Whether anything was done.
  mutating func prepareStep() throws(RaftError) -> Bool {
    guard !self.hasNoRoom else { return false }
    do {
      return try self.allocateAhead()
    } catch {
      guard let cause = error.cause as? SystemError, cause.isOutOfRoom else { throw error }
      self.hasNoRoom = true
      return false
    }
  }

  private mutating func allocateAhead() throws(RaftError) -> Bool {
    guard self.zerosAhead() < Self.runway else { return false }
    let size = self.appender.segmentSize
    if self.current?.allocated ?? size < size {
      try self.current?.allocate(upTo: size)
      return true
    }
    if self.spare == nil {
      try self.makeSpare()
      return true
    }
    guard self.spare?.allocated ?? size < size else { return false }
    try self.spare?.allocate(upTo: size)
    return true
  }

  // MARK: - Compaction and reading

  /// Recycles the segments that hold nothing behind `index`.
  ///
  /// Oldest first, each durably gone before the next.
  mutating func compact(through index: LogIndex) throws(RaftError) {
    for sequence in self.appender.compact(through: index) {
      let name = StorageNames.segment(sequence)
      if self.recycled.count < Self.maximumRecycled {
        let spare = self.nextSpareName()
        try self.directory.rename(name, to: spare)
        self.recycled.append(spare)
      } else {
        try self.directory.remove(name)
      }
      try self.directory.sync()
    }
  }

  /// Reads entries back, as many from the start of the range on as the limit and their place allow.
  func read(_ range: ClosedRange<LogIndex>, maximumBytes: Int) throws(RaftError) -> [Entry] {
    let request = try self.appender.read(range, maximumBytes: maximumBytes)
    let name = StorageNames.segment(request.position.segment)
    let file = try OpenFile(self.directory.path(of: name), .read)
    var length = request.suggestedLength
    while true {
      let bytes = try file.read(length, at: Int(request.position.offset))
      switch try request.read(bytes, file: file.path) {
      case .entries(let entries): return entries
      case .needs(let count):
        guard count > bytes.count, bytes.count == length else {
          throw RaftError(.corrupt, "\(file.path) ends before entry \(range.lowerBound)")
        }
        length = count
      }
    }
  }

  /// Leaves a mark behind which says that everything before it was synced; the last thing before a clean end.
  mutating func close() throws(RaftError) {
    self.append(LogRecord())
    try self.flush()
  }
}
