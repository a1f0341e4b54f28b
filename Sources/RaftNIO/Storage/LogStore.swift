// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// The log on disk: carries out what ``LogAppender`` lays out.
///
/// Every method blocks; only the writer's thread calls them.
///
/// After any error but a lack of room the store must not be used again: a failed sync leaves nobody knowing what is on the disk.
struct LogStore: ~Copyable, Sendable {
  let directory: StorageDirectory
  private var appender: LogAppender
  private var current: SegmentFile?
  private var spare: SegmentFile?
  private var spareName: String?
  private var recycled: [String] = []
  private var spareCount = 0
  /// Writes that wait, because there was no room for the first of them.
  private var unfinished: [LogAppender.Write] = []
  /// Whether the segment that the first of them starts has its file.
  private var hasStartedSegment = false
  /// Whether there was no room at the last attempt.
  ///
  /// While only zeros ahead found none, the log still has room for what a member must be able to write.
  private(set) var isFull = false
  private let cipher: (any StorageCipher)?
  /// Segments up to this one may hold plaintext from before there were keys: they are deleted and not used again.
  private let lastPlaintext: UInt64
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
    cipher: (any StorageCipher)?,
    faults: StorageFaults,
    durability: LogDurability = .synced
  ) throws(RaftError) {
    self.directory = directory
    self.appender = appender
    self.cipher = cipher
    self.lastPlaintext = cipher == nil ? 0 : appender.segments.last?.sequence ?? 0
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
  ///
  /// When there is no room (``RaftError/isOutOfRoom``) it may be called again, and goes on where it was.
  mutating func flush() throws(RaftError) {
    guard self.appender.hasWrites || !self.unfinished.isEmpty else { return }
    self.unfinished += self.appender.takeWrites()
    let isSynced = self.durability == .synced
    do throws(RaftError) {
      while let write = self.unfinished.first {
        if write.startsSegment, !self.hasStartedSegment { try self.startSegment() }
        if Int(write.position.offset) + write.bytes.count > self.current?.allocated ?? 0 { try self.faults.check(.room) }
        try self.faults.check(.sync)
        try self.current?.write(write.bytes, at: Int(write.position.offset), sync: isSynced)
        self.traffic.bytes += write.bytes.count
        if isSynced { self.traffic.syncs += 1 }
        if write.startsSegment { try self.publishSegment(write.position.segment) }
        self.unfinished.removeFirst()
      }
    } catch {
      if error.isOutOfRoom { self.isFull = true }
      throw error
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
    try self.allocateSpare()
    self.current = self.spare.take()
    self.hasStartedSegment = true
  }

  private mutating func publishSegment(_ sequence: UInt64) throws(RaftError) {
    guard let name = self.spareName else { preconditionFailure("segment \(sequence) began without a file") }
    self.spareName = nil
    self.hasStartedSegment = false
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
    self.spare = try SegmentFile(OpenFile(self.directory.path(of: name), .create))
  }

  private mutating func allocateSpare() throws(RaftError) {
    guard self.spare?.allocated ?? 0 < self.appender.segmentSize else { return }
    try self.faults.check(.room)
    try self.spare?.allocate(upTo: self.appender.segmentSize)
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
  /// A full disk isn't an error yet; see ``isFull``, and try ``findRoom()``.
  ///
  /// - Returns: Whether anything was done.
  mutating func prepareStep() throws(RaftError) -> Bool {
    guard !self.isFull else { return false }
    do {
      return try self.allocateAhead()
    } catch {
      guard error.isOutOfRoom else { throw error }
      self.isFull = true
      return false
    }
  }

  /// Tries again what there was no room for.
  mutating func findRoom() throws(RaftError) {
    guard self.isFull else { return }
    self.isFull = false
    do {
      try self.flush()
    } catch {
      guard error.isOutOfRoom else { throw error }
      return
    }
    _ = try self.prepareStep()
  }

  private mutating func allocateAhead() throws(RaftError) -> Bool {
    guard self.zerosAhead() < Self.runway else { return false }
    let size = self.appender.segmentSize
    if self.current?.allocated ?? size < size {
      try self.faults.check(.room)
      try self.current?.allocate(upTo: size)
      return true
    }
    if self.spare == nil { try self.makeSpare() }
    guard self.spare?.allocated ?? size < size else { return false }
    try self.allocateSpare()
    return true
  }

  // MARK: - Compaction and reading

  /// Recycles the segments that hold nothing behind `index`.
  ///
  /// Oldest first, each durably gone before the next.
  mutating func compact(through index: LogIndex) throws(RaftError) {
    // A segment that writes wait for keeps its file.
    let waiting = self.unfinished.first?.position.segment ?? .max
    for sequence in self.appender.compact(through: index, keepingFrom: waiting) {
      let name = StorageNames.segment(sequence)
      if self.recycled.count < Self.maximumRecycled, sequence > self.lastPlaintext {
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
      switch try request.read(bytes, file: file.path, opening: self.cipher) {
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
  ///
  /// On a full disk it does without.
  mutating func close() throws(RaftError) {
    do throws(RaftError) {
      self.append(LogRecord())
      try self.flush()
    } catch {
      guard error.isOutOfRoom else { throw error }
    }
  }

  // MARK: - Keys

  /// Encrypts with the provider's current key from now on.
  mutating func renewKey() throws(RaftError) {
    self.appender.sealing = try self.cipher?.makeSealing()
  }

  /// The keys that the segments in use need.
  var keysInUse: Set<UInt64> { self.appender.keysInUse }
}
