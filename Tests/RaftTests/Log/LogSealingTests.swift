// SPDX-License-Identifier: Apache-2.0

import Raft
import Testing

@Suite("Sealed batches")
struct LogSealingTests {
  private let identity = LogIdentity(clusterID: "test", member: RaftID(7))
  private let segmentSize = 4096

  /// A log of 40 entries, the first half of it in plaintext.
  private func half() throws -> (disk: VirtualDisk, log: LogAppender) {
    var disk = VirtualDisk()
    var log = LogAppender(creating: self.identity, segmentSize: self.segmentSize)
    for index in 1...40 as ClosedRange<UInt64> {
      if index == 21 { log.sealing = ToySealing(key: 3) }
      let payload = [UInt8](repeating: UInt8(index), count: 100)
      let state = HardState(term: Term(1), commit: LogIndex(index - 1))
      log.append(
        LogRecord(entries: try EntryCodec.encode([payload[...]], term: Term(1), startingAt: LogIndex(index)), hardState: state)
      )
      disk.perform(log.takeWrites(), segmentSize: self.segmentSize)
      disk.sync()
      log.writesSynced()
    }
    return (disk, log)
  }

  private func recover(_ disk: VirtualDisk, _ opening: (any LogOpening)?) throws -> RecoveredLog {
    var recovery = LogRecovery(identity: self.identity, snapshot: nil, opening: opening)
    for (segment, bytes) in disk.files.sorted(by: { $0.key < $1.key }) {
      try recovery.add(file: "segment-\(segment)", bytes: bytes)
    }
    return try recovery.finish()
  }

  @Test("a log that is sealed from some batch on is recovered with its key, and names it")
  func mixed() throws {
    let (disk, log) = try self.half()
    let recovered = try self.recover(disk, ToySealing(key: 3))
    #expect(recovered.restored.last.index == LogIndex(40))
    #expect(log.keysInUse == [3])
    let continued = LogAppender(continuing: recovered, identity: self.identity, segmentSize: self.segmentSize)
    #expect(continued.keysInUse == [3])
    #expect(LogAppender(creating: self.identity, segmentSize: self.segmentSize).keysInUse == [])
  }

  @Test("no payload of a sealed batch stands in a file")
  func hidden() throws {
    let files = try self.half().disk.files.values
    func isThere(_ byte: UInt8) -> Bool {
      files.contains { file in file.indices.dropLast(20).contains { file[$0..<($0 + 20)].allSatisfy { $0 == byte } } }
    }
    #expect(isThere(20))
    #expect(!isThere(30))
  }

  @Test("without the key the log is refused at the first sealed batch, and with another one, too")
  func keys() throws {
    let disk = try self.half().disk
    let missing = #expect(throws: RaftError.self) { _ = try self.recover(disk, nil) }
    #expect(missing?.code == .keyMissing)
    #expect(missing?.message.contains("segment-") == true)
    let wrong = #expect(throws: RaftError.self) { _ = try self.recover(disk, ToySealing(key: 4)) }
    #expect(wrong?.code == .keyRefused)
  }

  @Test("a torn tail is cut, and damage is found, without opening anything")
  func torn() throws {
    let (disk, log) = try self.half()
    let last = log.segments.last?.sequence ?? 0
    let start = Int(log.position.offset) - 512
    var torn = disk
    torn.flip(bit: 1, inByte: start + 80, of: last)
    #expect(try self.recover(torn, ToySealing(key: 3)).restored.last.index == LogIndex(39))
    var damaged = disk
    damaged.flip(bit: 1, inByte: start - 512 + 80, of: last)
    let error = #expect(throws: RaftError.self) { _ = try self.recover(damaged, ToySealing(key: 3)) }
    #expect(error?.code == .corrupt)
  }
}

/// Adds its key to every byte, and a checksum over everything: enough to see whether the format calls it rightly.
private struct ToySealing: LogSealing, LogOpening {
  static let overhead = LogStamp.length + 4
  let key: UInt64

  private func tag(_ body: [UInt8], _ position: SegmentPosition, _ header: ArraySlice<UInt8>) -> [UInt8] {
    let place = [UInt8(truncatingIfNeeded: position.segment), UInt8(truncatingIfNeeded: position.offset >> 9)]
    let checksum = CRC32C.checksum((body + place + header)[...])
    return (0..<4).map { UInt8(truncatingIfNeeded: checksum >> ($0 * 8)) }
  }

  func seal(_ body: ArraySlice<UInt8>, at position: SegmentPosition, authenticating header: ArraySlice<UInt8>) -> [UInt8] {
    let stamp = [UInt8(self.key)] + [UInt8](repeating: 0, count: LogStamp.length - 1)
    return stamp + body.enumerated().map { $1 &+ UInt8(self.key) &+ UInt8(truncatingIfNeeded: $0) }
      + self.tag(Array(body), position, header)
  }

  func open(
    _ body: ArraySlice<UInt8>,
    at position: SegmentPosition,
    authenticating header: ArraySlice<UInt8>,
    file: String
  ) throws(RaftError) -> [UInt8] {
    let sealed = body.dropFirst(LogStamp.length).dropLast(4)
    let opened = sealed.enumerated().map { $1 &- UInt8(self.key) &- UInt8(truncatingIfNeeded: $0) }
    guard self.tag(opened, position, header) == Array(body.suffix(4)) else {
      throw RaftError(.keyRefused, "\(file) doesn't open")
    }
    return opened
  }
}
