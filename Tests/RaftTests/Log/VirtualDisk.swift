// SPDX-License-Identifier: Apache-2.0

import Raft

/// The segments of a log as bytes, with what a crash may do to bytes that weren't synced.
struct VirtualDisk {
  private(set) var files: [UInt64: [UInt8]] = [:]
  private var durable: [UInt64: [UInt8]] = [:]
  private var spares: [[UInt8]] = []

  /// Carries out what an appender wants, as the driver does: a segment begins only when everything before is synced.
  mutating func perform(_ writes: [LogAppender.Write], segmentSize: Int) {
    for write in writes {
      if write.startsSegment {
        self.sync()
        self.files[write.position.segment] = self.spares.popLast() ?? [UInt8](repeating: 0, count: segmentSize)
      }
      self.put(write)
      if write.startsSegment { self.sync() }
    }
  }

  private mutating func put(_ write: LogAppender.Write) {
    let start = Int(write.position.offset)
    let end = start + write.bytes.count
    var file = self.files[write.position.segment] ?? []
    if file.count < end { file.append(contentsOf: repeatElement(0, count: end - file.count)) }
    file.replaceSubrange(start..<end, with: write.bytes)
    self.files[write.position.segment] = file
  }

  mutating func sync() { self.durable = self.files }

  /// Takes segments away; later ones begin with what is in them.
  mutating func recycle(_ segments: [UInt64]) {
    for segment in segments {
      if let file = self.files.removeValue(forKey: segment) { self.spares.append(file) }
      self.durable.removeValue(forKey: segment)
    }
  }

  /// Each sector that wasn't synced is kept, lost or garbage.
  mutating func crash(using random: inout SeededGenerator) {
    for (segment, file) in self.files.sorted(by: { $0.key < $1.key }) {
      guard var before = self.durable[segment] else {
        self.files[segment] = nil
        continue
      }
      // A file may have grown without its data.
      before.append(contentsOf: repeatElement(0, count: file.count - before.count))
      var after = before
      for start in stride(from: 0, to: file.count, by: LogFormat.sectorSize) {
        let sector = start..<min(start + LogFormat.sectorSize, file.count)
        guard file[sector] != before[sector] else { continue }
        switch random.next(below: 3) {
        case 0: after.replaceSubrange(sector, with: file[sector])
        case 1: break
        default: after.replaceSubrange(sector, with: sector.map { _ in UInt8(random.next(below: 256)) })
        }
      }
      self.files[segment] = after
    }
    self.durable = self.files
  }

  mutating func flip(bit: Int, inByte offset: Int, of segment: UInt64) {
    self.files[segment]?[offset] ^= 1 << UInt8(bit)
  }

  mutating func truncate(_ segment: UInt64, to count: Int) {
    self.files[segment] = Array(self.files[segment, default: []].prefix(count))
  }

  /// What recovery makes of it.
  func recover(_ identity: LogIdentity, snapshot: SnapshotMetadata? = nil) throws(RaftError) -> RecoveredLog {
    var recovery = LogRecovery(identity: identity, snapshot: snapshot)
    for (segment, bytes) in self.files.sorted(by: { $0.key < $1.key }) {
      try recovery.add(file: "segment-\(segment)", bytes: bytes)
    }
    return try recovery.finish()
  }

  /// Reads entries through the appender's index, in as many steps as it takes.
  func read(_ range: ClosedRange<LogIndex>, from log: LogAppender, maximumBytes: Int) throws -> [Entry] {
    var entries: [Entry] = []
    var next = range.lowerBound
    while next <= range.upperBound {
      let request = try log.read(next...range.upperBound, maximumBytes: maximumBytes)
      let file = self.files[request.position.segment, default: []]
      var length = LogFormat.sectorSize
      while true {
        let end = min(file.count, Int(request.position.offset) + length)
        let result = try request.read(Array(file[Int(request.position.offset)..<end]), file: "segment")
        guard case .entries(let some) = result, let last = some.last else {
          if case .needs(let count) = result { length = count }
          continue
        }
        entries += some
        next = last.index.next
        break
      }
    }
    return entries
  }
}

/// SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { self.state = seed }

  mutating func next() -> UInt64 {
    self.state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = self.state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func next(below bound: Int) -> Int { Int(self.next() % UInt64(bound)) }
}

extension SeededGenerator {
  mutating func next(below bound: UInt64) -> UInt64 { self.next(upperBound: bound) }
}
