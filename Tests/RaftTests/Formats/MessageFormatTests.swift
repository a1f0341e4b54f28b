// SPDX-License-Identifier: Apache-2.0

import Raft
import Testing

@Suite("Message format")
struct MessageFormatTests {
  /// One message of each kind, with its frame.
  private static func examples() throws -> [(body: Message.Body, bytes: [UInt8])] {
    let candidacy = Message.Candidacy(
      term: Term(6),
      last: LogPosition(index: LogIndex(300), term: Term(4)),
      isTransfer: true
    )
    let entries = try EntryCodec.encode([[0xAA]], term: Term(5), startingAt: LogIndex(9))
    let append = Message.Append(
      previous: LogPosition(index: LogIndex(8), term: Term(4)),
      commit: LogIndex(7),
      entries: entries
    )
    let rejection = Message.AppendRejection(previous: LogIndex(8), hint: LogPosition(index: LogIndex(3), term: Term(2)))
    let snapshot = SnapshotMetadata(index: LogIndex(77), term: Term(5), membership: Membership([Member(id: RaftID(1))]))
    return [
      (.preVoteRequest(candidacy), [1, 1, 0, 0, 2, 1, 4, 2, 6, 5, 8, 6, 10, 0xAC, 2, 12, 4, 14, 1]),
      (.preVoteResponse(term: Term(6), granted: true), [1, 2, 0, 0, 2, 1, 4, 2, 6, 5, 8, 6, 14, 1]),
      (.voteRequest(candidacy), [1, 3, 0, 0, 2, 1, 4, 2, 6, 5, 8, 6, 10, 0xAC, 2, 12, 4, 14, 1]),
      (.voteResponse(granted: false), [1, 4, 0, 0, 2, 1, 4, 2, 6, 5]),
      (.append(append), [1, 5, 0, 0, 2, 1, 4, 2, 6, 5, 10, 8, 12, 4, 16, 7, 25, 29] + entries[0].encoded),
      (.appendAccepted(match: LogIndex(8)), [1, 6, 0, 0, 2, 1, 4, 2, 6, 5, 10, 8]),
      (.appendRejected(rejection), [1, 7, 0, 0, 2, 1, 4, 2, 6, 5, 20, 8, 10, 3, 12, 2]),
      (.heartbeat(commit: LogIndex(7), round: 2), [1, 8, 0, 0, 2, 1, 4, 2, 6, 5, 16, 7, 18, 2]),
      (.heartbeatResponse(round: 2), [1, 9, 0, 0, 2, 1, 4, 2, 6, 5, 18, 2]),
      (.installSnapshot(snapshot), [1, 10, 0, 0, 2, 1, 4, 2, 6, 5, 23, 16] + snapshot.encoded),
      (.timeoutNow, [1, 11, 0, 0, 2, 1, 4, 2, 6, 5]),
      (.readIndexRequest(context: 130), [1, 12, 0, 0, 2, 1, 4, 2, 6, 5, 18, 0x82, 1]),
      (.readIndexResponse(context: 1, index: LogIndex(5)), [1, 13, 0, 0, 2, 1, 4, 2, 6, 5, 18, 1, 10, 5]),
    ]
  }

  private static func message(_ body: Message.Body) -> Message {
    Message(from: RaftID(1), to: RaftID(2), term: Term(5), body: body)
  }

  @Test("the bytes of each kind of message are these, and are read back")
  func golden() throws {
    for (body, bytes) in try Self.examples() {
      let frame = MessageCodec.encode(Self.message(body))
      #expect(Array(frame.dropFirst(MessageCodec.lengthPrefix)) == bytes, "\(body)")
      #expect(try MessageCodec.frameLength(frame[...]) == bytes.count)
      #expect(try MessageCodec.decode(bytes[...]) == Self.message(body))
    }
  }

  @Test("the head and the entries make the frame, and decoded entries are slices of it")
  func head() throws {
    let entries = try EntryCodec.encode([[1], [2, 3]], term: Term(5), startingAt: LogIndex(9))
    let append = Message.Append(previous: .zero, commit: .zero, entries: entries)
    let message = Self.message(.append(append))
    #expect(MessageCodec.encodeHead(message) + entries.flatMap(\.encoded) == MessageCodec.encode(message))
  }

  @Test("fields of newer versions are passed over; other versions and kinds are refused")
  func versions() throws {
    let known: [UInt8] = [1, 11, 0, 0, 2, 1, 4, 2, 6, 5]
    #expect(try MessageCodec.decode((known + [100, 9, 101, 2, 7, 7])[...]) == Self.message(.timeoutNow))
    for changed in [[2] + known.dropFirst(), [1, 99] + known.dropFirst(2)] {
      #expect(#expect(throws: RaftError.self) { try MessageCodec.decode(changed[...]) }?.code == .unsupportedFormat)
    }
  }

  @Test("a frame's length is bounded")
  func length() throws {
    #expect(try MessageCodec.frameLength([1, 0, 0]) == nil)
    #expect(throws: RaftError.self) { try MessageCodec.frameLength([0xFF, 0xFF, 0xFF, 0xFF]) }
    #expect(throws: RaftError.self) { try MessageCodec.frameLength([3, 0, 0, 0]) }
  }

  @Test("any bytes give a message or a typed error, and what is a message is written back the same", arguments: 0..<4)
  func anyBytes(part: UInt64) throws {
    var random = SeededGenerator(seed: part)
    let examples = try Self.examples().map(\.bytes)
    for _ in 0..<4_000 {
      var bytes: [UInt8]
      if random.next(below: 4) == 0 {
        bytes = (0..<random.next(below: 80)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      } else {
        bytes = examples[random.next(below: examples.count)]
        for _ in 0...random.next(below: 3) { Self.mutate(&bytes, &random) }
      }
      guard let message = try? MessageCodec.decode(bytes[...]) else { continue }
      let frame = MessageCodec.encode(message)
      #expect(try MessageCodec.decode(frame.dropFirst(MessageCodec.lengthPrefix)) == message)
      // Nor does the core trap on it, whatever it says.
      try Self.feed(message, &random)
    }
  }

  private static func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
    let position = random.next(below: bytes.count + 1)
    switch random.next(below: 4) {
    case 0: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: position)
    case 1: bytes.removeSubrange(min(position, bytes.count - 1)...)
    default: if position < bytes.count { bytes[position] = UInt8(truncatingIfNeeded: random.next()) }
    }
    if bytes.isEmpty { bytes = [1] }
  }

  private static func feed(_ message: Message, _ random: inout SeededGenerator) throws {
    let bootstrap = try Bootstrap(contexts: [[], [], []])
    let restored = try RestoredState(hardState: bootstrap.hardState, entries: bootstrap.entries)
    var core = try RaftCore(id: RaftID(2), restored: restored, seed: random.next(), now: .zero)
    if random.next(below: 2) == 0 {
      core.tick(now: .seconds(2))
      core.receive(
        Message(from: RaftID(3), to: RaftID(2), term: Term(1), body: .preVoteResponse(term: Term(2), granted: true)),
        now: .seconds(2)
      )
      let ready = core.takeReady()
      if let write = ready.write { core.storageCompleted(write.id, now: .seconds(2)) }
      core.receive(
        Message(from: RaftID(3), to: RaftID(2), term: Term(2), body: .voteResponse(granted: true)),
        now: .seconds(2)
      )
    }
    core.receive(message, now: .seconds(2))
    _ = core.takeReady()
    core.receive(message, now: .seconds(2))
    _ = core.takeReady()
  }
}
