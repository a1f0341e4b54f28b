// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// A member's directory, as bytes: log segments, spare files and the newest snapshot, with what a crash does to a write that
/// was under way.
struct SimulatedDisk: Sendable {
  struct Segment: Sendable {
    var sequence: UInt64
    var bytes: [UInt8]
  }

  /// A snapshot's file.
  struct SnapshotImage: Sendable {
    var metadata: SnapshotMetadata
    var bytes: [UInt8]

    init(_ metadata: SnapshotMetadata, payload: [UInt8]) {
      var encoder = SnapshotEncoder()
      self.metadata = metadata
      self.bytes = encoder.header(metadata, clusterID: RaftWorld.clusterID)
      self.bytes += encoder.chunk(payload[...])
      self.bytes += encoder.endMark()
    }

    init(file bytes: [UInt8], of metadata: SnapshotMetadata) {
      self.metadata = metadata
      self.bytes = bytes
    }
  }

  /// A write that was synced, and where it stands.
  private struct Synced {
    var segment: UInt64
    var range: Range<Int>
  }

  /// A flipped bit.
  struct Rot: Sendable {
    var segment: UInt64
    var offset: Int
    var bit: UInt8
  }

  /// What a crash did to a write.
  enum Tear {
    case kept, lost, torn
  }

  private(set) var segments: [Segment] = []
  private(set) var snapshot: SnapshotImage?
  private var spares: [[UInt8]] = []
  private var synced: [Synced] = []

  var isEmpty: Bool { self.segments.isEmpty }
  var segmentCount: Int { self.segments.count }
  var hasSpare: Bool { !self.spares.isEmpty }

  // MARK: - What a working disk does

  /// Carries a write out and syncs it.
  mutating func perform(_ write: LogAppender.Write, segmentSize: Int) {
    self.put(write, segmentSize: segmentSize)
    let start = Int(write.position.offset)
    self.synced.append(Synced(segment: write.position.segment, range: start..<(start + write.bytes.count)))
    if self.synced.count > 64 { self.synced.removeFirst(32) }
  }

  private mutating func put(_ write: LogAppender.Write, segmentSize: Int) {
    if write.startsSegment {
      // A recycled file still holds what was in it.
      let bytes = self.spares.popLast() ?? [UInt8](repeating: 0, count: segmentSize)
      self.segments.append(Segment(sequence: write.position.segment, bytes: bytes))
    }
    guard let position = self.position(of: write.position.segment) else { return }
    let start = Int(write.position.offset)
    let missing = start + write.bytes.count - self.segments[position].bytes.count
    if missing > 0 { self.segments[position].bytes.append(contentsOf: repeatElement(0, count: missing)) }
    self.segments[position].bytes.replaceSubrange(start..<(start + write.bytes.count), with: write.bytes)
  }

  private func position(of segment: UInt64) -> Int? { self.segments.lastIndex { $0.sequence == segment } }

  mutating func publish(_ image: SnapshotImage) {
    if image.metadata.index >= self.snapshot?.metadata.index ?? .zero { self.snapshot = image }
  }

  /// The newest write that was synced is gone, as on a disk that lies.
  mutating func forgetNewestWrite() {
    guard let last = self.synced.popLast(), let position = self.position(of: last.segment) else { return }
    for offset in last.range { self.segments[position].bytes[offset] = 0 }
  }

  mutating func recycle(_ segment: UInt64) {
    guard let position = self.position(of: segment) else { return }
    let file = self.segments.remove(at: position)
    if self.spares.count < 2 { self.spares.append(file.bytes) }
    self.synced.removeAll { $0.segment == segment }
  }

  /// Reads entries as the driver does, in as many steps as it takes.
  func read(_ range: ClosedRange<LogIndex>, through log: LogAppender, maximumBytes: Int) throws(RaftError) -> [Entry] {
    let request = try log.read(range, maximumBytes: maximumBytes)
    guard let position = self.position(of: request.position.segment) else {
      throw RaftError(.compacted, "segment \(request.position.segment) is gone")
    }
    let start = Int(request.position.offset)
    var length = LogFormat.sectorSize * 4
    while true {
      let file = self.segments[position].bytes
      let end = min(file.count, start + length)
      switch try request.read(Array(file[start..<end]), file: "segment-\(request.position.segment)") {
      case .entries(let entries): return entries
      case .needs(let count):
        guard count > end - start, end < file.count else {
          throw RaftError(.corrupt, "the segment ends before entry \(range.lowerBound)")
        }
        length = count
      }
    }
  }

  // MARK: - What a crash does

  /// The power goes during a write: each of its sectors is kept, lost or garbage.
  mutating func tear(_ write: LogAppender.Write, segmentSize: Int, using random: inout SeededStream) -> Tear {
    if write.startsSegment {
      // The file gets its name after its first bytes are synced; the name may get lost.
      guard random.below(2) == 0 else { return .lost }
      self.put(write, segmentSize: segmentSize)
      return .kept
    }
    guard let position = self.position(of: write.position.segment) else { return .lost }
    let before = self.segments[position].bytes
    self.put(write, segmentSize: segmentSize)
    var fates: Set<Int> = []
    let end = Int(write.position.offset) + write.bytes.count
    for start in stride(from: Int(write.position.offset), to: end, by: LogFormat.sectorSize) {
      let sector = start..<min(start + LogFormat.sectorSize, end)
      let fate = random.below(3)
      fates.insert(fate)
      for offset in sector where fate > 0 {
        let old = offset < before.count ? before[offset] : 0
        self.segments[position].bytes[offset] = fate == 1 ? old : UInt8(truncatingIfNeeded: random.next())
      }
    }
    return fates == [0] ? .kept : fates == [1] ? .lost : .torn
  }

  /// Flips a bit of something that was synced before something else was.
  ///
  /// - Returns: where, to be able to flip it back; nil when there is nothing like that.
  mutating func rot(using random: inout SeededStream) -> Rot? {
    guard let victim = self.synced.dropLast().randomElement(using: &random), let position = self.position(of: victim.segment)
    else { return nil }
    // The header of a batch, or the sector that a segment begins with: a checksum covers both.
    let offset = victim.range.lowerBound + random.below(48)
    let rot = Rot(segment: victim.segment, offset: offset, bit: 1 << UInt8(random.below(8)))
    self.segments[position].bytes[offset] ^= rot.bit
    return rot
  }

  /// Flips it back.
  mutating func repair(_ rot: Rot) {
    guard let position = self.position(of: rot.segment) else { return }
    self.segments[position].bytes[rot.offset] ^= rot.bit
  }

  // MARK: - Recovery

  /// What recovery finds.
  func recover(_ identity: LogIdentity, tailBytes: Int) throws(RaftError) -> (log: RecoveredLog, snapshot: DecodedSnapshot?) {
    var snapshot: DecodedSnapshot?
    if let image = self.snapshot { snapshot = try DecodedSnapshot(decoding: image.bytes, file: "snapshot") }
    var recovery = LogRecovery(identity: identity, snapshot: snapshot?.metadata, tailBytes: tailBytes)
    for segment in self.segments {
      try recovery.add(file: "segment-\(segment.sequence)", bytes: segment.bytes)
    }
    return (try recovery.finish(), snapshot)
  }
}
