// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Gossip
internal import NIOCore
internal import Raft
internal import RaftNIO

/// Intact inputs of every kind, to begin with.
enum Seeds {
  static func write(to directory: String) throws {
    for (target, seeds) in [("log", try self.logs()), ("frames", try self.frames()), ("gossip", try self.packets())] {
      let folder = URL(fileURLWithPath: directory).appendingPathComponent(target)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      for (number, bytes) in seeds.enumerated() {
        try Data(bytes).write(to: folder.appendingPathComponent("seed-\(number)"))
      }
    }
  }

  /// A log of two segments with every kind of record, and its first and last parts.
  private static func logs() throws -> [[UInt8]] {
    let segmentSize = 4 * LogFormat.sectorSize
    var log = LogAppender(creating: LogTarget.identity, segmentSize: segmentSize)
    var files: [UInt8] = []
    var seeds: [[UInt8]] = []
    func perform() {
      for write in log.takeWrites() { files += write.bytes }
      log.writesSynced()
      seeds.append([1, 0, 0] + files)
    }
    perform()
    let bootstrap = try Bootstrap(contexts: [[1], [2], [3]])
    log.append(LogRecord(entries: bootstrap.entries, hardState: bootstrap.hardState))
    perform()
    let next = bootstrap.hardState.commit.next
    let entries = try EntryCodec.encode([[1, 2, 3], []], term: Term(2), startingAt: next)
    log.append(LogRecord(entries: entries, hardState: HardState(term: Term(2), votedFor: RaftID(2), commit: next.previous)))
    perform()
    log.append(LogRecord(truncateAfter: next, hardState: HardState(term: Term(3), commit: next)))
    perform()
    log.append(LogRecord(base: LogPosition(index: LogIndex(9), term: Term(3))))
    perform()
    seeds.append([3, 9, 3] + files)
    return seeds
  }

  /// Every kind of frame, alone and all in one.
  private static func frames() throws -> [[UInt8]] {
    var seeds: [[UInt8]] = []
    var all = ByteBuffer()
    for frame in try self.everyFrame() {
      var alone = ByteBuffer()
      frame.encode(into: &alone)
      frame.encode(into: &all)
      seeds.append([255, UInt8(seeds.count % 8)] + Array(alone.readableBytesView))
    }
    for flags in 0..<8 as Range<UInt8> { seeds.append([255, flags] + Array(all.readableBytesView)) }
    return seeds
  }

  private static func everyFrame() throws -> [PeerFrame] {
    let metadata = SnapshotMetadata(index: LogIndex(9), term: Term(3), membership: Membership([Member(id: RaftID(1))]))
    let last = LogPosition(index: LogIndex(3), term: Term(1))
    let entries = try EntryCodec.encode([[1], [2, 3]], term: Term(2), startingAt: LogIndex(4))
    let append = Message.Append(previous: last, commit: LogIndex(4), entries: entries)
    let rejection = Message.AppendRejection(previous: LogIndex(4), hint: last)
    let candidacy = Message.Candidacy(term: Term(2), last: last)
    let bodies: [Message.Body] = [
      .preVoteRequest(candidacy), .preVoteResponse(term: Term(2), granted: true), .voteRequest(candidacy),
      .voteResponse(granted: true), .append(append), .appendAccepted(match: LogIndex(4)), .appendRejected(rejection),
      .heartbeat(commit: LogIndex(4), round: 1), .heartbeatResponse(round: 1), .installSnapshot(metadata), .timeoutNow,
      .readIndexRequest(context: 5), .readIndexResponse(context: 5, index: LogIndex(4)),
    ]
    func message(_ body: Message.Body) -> Message { Message(from: RaftID(2), to: RaftID(1), term: Term(2), body: body) }
    return bodies.map { .message(message($0)) } + [
      .handshake(PeerFrame.Handshake(clusterID: "fuzz", from: RaftID(2), to: RaftID(1))), .refusal("no"),
      .snapshotBegins(transfer: 3, length: 300, checksum: 7, message: message(.installSnapshot(metadata))),
      .snapshotPiece(transfer: 3, offset: 0, bytes: [1, 2, 3]),
      .snapshotProgress(transfer: 3, received: 3, state: .complete),
    ]
  }

  /// What a node says in its first minute, with every kind of rumour.
  private static func packets() throws -> [[UInt8]] {
    let (one, two) = (GossipAddress(ipv4: 0x7F00_0002, port: 7946), GossipAddress(ipv4: 0x7F00_0003, port: 7946))
    var speaker = try GossipCore(id: MemberID("speaker"), epoch: 1, address: one, seed: 1, now: .zero)
    var listener = try GossipCore(id: MemberID("listener"), epoch: 1, address: two, seed: 2, now: .zero)
    var seeds: [[UInt8]] = []
    var all: [UInt8] = []
    func say(_ bytes: some Collection<UInt8>, onStream: Bool) {
      let head = bytes.count | (onStream ? 0x8000 : 0)
      let message = [UInt8(head >> 8), UInt8(head & 0xFF)] + bytes
      seeds.append(message)
      all += message
    }
    listener.join([one], now: .zero)
    let joining = listener.takeReady()
    let stream = speaker.acceptStream(from: two, now: .zero)
    for case .send(_, let frame) in joining.streams {
      say(frame, onStream: true)
      if let stream { try speaker.receive(frame: frame[...], on: stream, now: .zero) }
    }
    for second in 1...60 {
      let now = Duration.seconds(second)
      let bytes = [UInt8](repeating: UInt8(second), count: second % 9)
      switch second % 4 {
      case 0: try speaker.setMetadata(bytes, now: now)
      case 1: try speaker.publish(key: [1], value: bytes, now: now)
      case 2: try speaker.broadcast(bytes, name: [2], now: now)
      default: speaker.withdraw(key: [1], now: now)
      }
      speaker.tick(now: now)
      let ready = speaker.takeReady()
      for packet in ready.packets { say(ready.bytes[packet.range], onStream: false) }
      for case .send(_, let frame) in ready.streams { say(frame, onStream: true) }
      speaker.recycle(ready)
    }
    return seeds + [all]
  }
}
