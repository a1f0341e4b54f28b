// SPDX-License-Identifier: Apache-2.0

import Raft
import Testing

@Suite("Snapshot transfers")
struct SnapshotTransferTests {
  private static let identity = SnapshotIdentity(
    position: LogPosition(index: LogIndex(9), term: Term(2)),
    length: 1000,
    checksum: 7
  )
  private static let policy = SnapshotSending.Policy(pieceLength: 100, window: 300, timeout: .seconds(5))

  @Test("pieces follow each other without a gap, never more than the window holds, up to the end")
  func window() {
    var sending = SnapshotSending(Self.identity, policy: Self.policy, now: .zero)
    var receiving = SnapshotReceiving()
    #expect(sending.nextPiece(now: .zero) == nil, "the receiver hasn't said where to begin")
    sending.resumed(at: receiving.offered(Self.identity), now: .zero)
    var pieces: [Range<Int>] = []
    while sending.state == .sending {
      while let piece = sending.nextPiece(now: .zero) {
        #expect(piece.upperBound - sending.confirmed <= 300)
        pieces.append(piece)
        let answer = receiving.pieceArrived(at: piece.lowerBound, count: piece.count, of: Self.identity)
        #expect(answer == (piece.upperBound == 1000 ? .storeLast : .store))
      }
      sending.confirmed(through: receiving.received, now: .zero)
    }
    #expect(sending.state == .complete)
    #expect(pieces == (0..<10).map { ($0 * 100)..<($0 * 100 + 100) })
  }

  @Test("after a broken connection the transfer goes on where the receiver's file ends", arguments: [0, 100, 200, 300])
  func resume(received: Int) {
    var sending = SnapshotSending(Self.identity, policy: Self.policy, now: .zero)
    sending.resumed(at: 0, now: .zero)
    var receiving = SnapshotReceiving()
    _ = receiving.offered(Self.identity)
    while let piece = sending.nextPiece(now: .zero) {
      // Pieces behind this never arrive.
      guard piece.upperBound <= received else { continue }
      _ = receiving.pieceArrived(at: piece.lowerBound, count: piece.count, of: Self.identity)
    }
    sending.interrupted(now: .seconds(1))
    #expect(sending.nextPiece(now: .seconds(1)) == nil)
    sending.resumed(at: receiving.offered(Self.identity), now: .seconds(1))
    #expect(sending.nextPiece(now: .seconds(1)) == received..<(received + 100))
  }

  @Test("another snapshot, even of the same state, starts anew; an unfinished file from the disk doesn't")
  func identity() {
    var other = Self.identity
    other.checksum += 1
    var receiving = SnapshotReceiving((Self.identity, received: 400))
    #expect(receiving.offered(Self.identity) == 400)
    #expect(receiving.pieceArrived(at: 400, count: 10, of: other) == .reject)
    #expect(receiving.offered(other) == 0)
    #expect(receiving.pieceArrived(at: 400, count: 10, of: Self.identity) == .reject)
  }

  @Test("doubled, early, empty and oversized pieces are never stored")
  func nonsense() {
    var receiving = SnapshotReceiving()
    _ = receiving.offered(Self.identity)
    #expect(receiving.pieceArrived(at: 0, count: 100, of: Self.identity) == .store)
    #expect(receiving.pieceArrived(at: 0, count: 100, of: Self.identity) == .confirm)
    for (offset, count) in [(200, 100), (100, 0), (100, 901), (50, 100), (-1, 5), (.max, 1), (100, .max)] {
      #expect(receiving.pieceArrived(at: offset, count: count, of: Self.identity) == .reject)
    }
    #expect(receiving.received == 100)
  }

  @Test("a transfer without progress is given up, one with progress isn't")
  func timeout() {
    var sending = SnapshotSending(Self.identity, policy: Self.policy, now: .zero)
    #expect(sending.nextDeadline == .seconds(5))
    sending.resumed(at: 0, now: .seconds(4))
    #expect(sending.nextPiece(now: .seconds(4)) == 0..<100)
    sending.confirmed(through: 100, now: .seconds(8))
    #expect(sending.nextPiece(now: .seconds(12)) == 100..<200)
    #expect(sending.nextPiece(now: .seconds(13)) == nil)
    #expect(sending.state == .abandoned && sending.nextDeadline == nil)
  }

  @Test("no more bytes leave than the rate allows")
  func rate() {
    var policy = Self.policy
    policy.rate = 1000
    var sending = SnapshotSending(Self.identity, policy: policy, now: .zero)
    sending.resumed(at: 0, now: .zero)
    var now = Duration.zero
    var sent = 0
    while sending.state == .sending {
      while let piece = sending.nextPiece(now: now) {
        sent = piece.upperBound
        #expect(sent <= 100 + Int(now / .milliseconds(1)))
      }
      sending.confirmed(through: sent, now: now)
      guard let deadline = sending.nextDeadline else { break }
      #expect(deadline > now, "the sender would spin")
      now = deadline
    }
    #expect(sending.state == .complete)
    #expect(now == .milliseconds(900))
  }
}
