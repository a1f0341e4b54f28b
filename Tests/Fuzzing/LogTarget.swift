// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// Recovers a log from segments of any bytes.
///
/// The first byte of an input says whether checksums are made right (1) and whether there is a snapshot (2); the index and the
/// term of that come in the next two. The rest is the segments, each beginning with a sector that begins as a segment does.
enum LogTarget {
  static let identity = LogIdentity(clusterID: "fuzz", member: RaftID(1))
  private static let segmentSize = 8 * LogFormat.sectorSize

  static func run(_ input: [UInt8]) {
    guard input.count > 3 else { return }
    var files = self.files(input[3...])
    if input[0] & 1 == 1 { for file in files.indices { Checksums.repair(segment: &files[file]) } }
    let snapshot =
      input[0] & 2 == 0
      ? nil
      : SnapshotMetadata(
        index: LogIndex(UInt64(input[1])),
        term: Term(UInt64(input[2])),
        membership: Membership([Member(id: RaftID(1))])
      )
    do throws(RaftError) {
      let log = try self.recover(files, snapshot)
      try self.goOn(log, files, snapshot)
    } catch {
      switch error.code {
      case .corrupt, .unsupportedFormat, .invalidConfiguration, .incomplete: break
      default: fatalError("recovery refuses with \(error)")
      }
    }
  }

  private static func files(_ bytes: ArraySlice<UInt8>) -> [[UInt8]] {
    var files: [[UInt8]] = []
    for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: LogFormat.sectorSize) {
      let sector = bytes[start..<min(start + LogFormat.sectorSize, bytes.endIndex)]
      if files.isEmpty || sector.starts(with: "SWRAFTLG".utf8) { files.append([]) }
      files[files.count - 1].append(contentsOf: sector)
    }
    return files
  }

  private static func recover(_ files: [[UInt8]], _ snapshot: SnapshotMetadata?) throws(RaftError) -> RecoveredLog {
    var recovery = LogRecovery(identity: self.identity, snapshot: snapshot)
    for (number, bytes) in files.enumerated() { try recovery.add(file: "segment \(number)", bytes: bytes) }
    return try recovery.finish()
  }

  /// What was recovered can be gone on with, and is recovered again.
  private static func goOn(_ log: RecoveredLog, _ before: [[UInt8]], _ snapshot: SnapshotMetadata?) throws(RaftError) {
    let end = Int(log.end.offset)
    // Of the last batch only the padding may be missing.
    let length = LogFormat.padded(before[before.count - 1].count)
    promise(end <= length && end % LogFormat.sectorSize == 0, "the log ends at \(log.end)")
    var appender = LogAppender(continuing: log, identity: self.identity, segmentSize: self.segmentSize)
    var files = before
    for write in appender.takeWrites() {
      if write.startsSegment { files.append([]) }
      let position = Int(write.position.offset)
      let missing = max(0, position + write.bytes.count - files[files.count - 1].count)
      files[files.count - 1].append(contentsOf: repeatElement(0, count: missing))
      files[files.count - 1].replaceSubrange(position..<(position + write.bytes.count), with: write.bytes)
    }
    let again: RecoveredLog
    do throws(RaftError) {
      again = try self.recover(files, snapshot)
    } catch {
      fatalError("what was recovered once isn't recovered again: \(error)")
    }
    promise(again.restored.hardState == log.restored.hardState, "the state changes: \(log.restored.hardState)")
    promise(again.restored.last == log.restored.last, "the log changes: \(log.restored.last), \(again.restored.last)")
    promise(again.restored.membership == log.restored.membership, "the configuration changes")
    var core = try RaftCore(id: self.identity.member, restored: log.restored, seed: 1, now: .zero)
    core.tick(now: .seconds(10))
    _ = core.takeReady()
  }
}
