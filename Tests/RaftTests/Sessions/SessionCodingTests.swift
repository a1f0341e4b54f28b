// SPDX-License-Identifier: Apache-2.0

import Raft
import Testing

@Suite("Encoded sessions")
struct SessionCodingTests {
  private typealias Sessions = ClientSessions<LogIndex, UInt8>

  private func sessions() throws -> Sessions {
    var sessions = Sessions(limits: .init(outputs: 2))
    sessions.open(LogIndex(3), now: .milliseconds(5))
    sessions.open(LogIndex(9), now: .milliseconds(7))
    for sequence in [1, 2, 4] as [UInt64] {
      _ = try sessions.apply(ClientRequest(client: LogIndex(9), sequence: sequence), now: .milliseconds(8)) { UInt8(sequence) }
    }
    return sessions
  }

  @Test("what is decoded decides as what was encoded")
  func roundTrip() throws {
    let sessions = try self.sessions()
    let bytes = sessions.encoded { [$0] }
    var decoded = try Sessions(decoding: bytes[...], limits: sessions.limits) { try #require($0.first) }
    #expect(decoded.encoded { [$0] } == bytes)
    #expect(decoded.isOpen(LogIndex(3)))
    let output = try decoded.apply(ClientRequest(client: LogIndex(9), sequence: 4), now: .milliseconds(9)) { 99 }
    #expect(output == 4)
    #expect(throws: RaftError(.outcomeUnknown, "request 1 was carried out too long ago to tell what it came to")) {
      try decoded.apply(ClientRequest(client: LogIndex(9), sequence: 1), now: .milliseconds(9)) { 99 }
    }
  }

  @Test("the encoding is these bytes")
  func golden() throws {
    #expect(
      try self.sessions().encoded { [$0] }
        == [1, 2, 8, 5, 4, 6, 3, 8, 5, 5, 16, 6, 9, 8, 8, 10, 1, 12, 2, 15, 1, 2, 12, 4, 15, 1, 4]
    )
  }

  @Test("no bytes are too strange")
  func totality() throws {
    let bytes = try self.sessions().encoded { [$0] }
    for end in bytes.indices { _ = try? Sessions(decoding: bytes[..<end], limits: .init()) { $0.first ?? 0 } }
    for offset in bytes.indices {
      for bit in 0..<8 {
        var damaged = bytes
        damaged[offset] ^= 1 << UInt8(bit)
        _ = try? Sessions(decoding: damaged[...], limits: .init()) { $0.first ?? 0 }
      }
    }
  }

  @Test("requests are numbered, and answers in any order move the mark")
  func numbers() {
    var numbers = RequestNumbers(client: LogIndex(3))
    let requests = (0..<4).map { _ in numbers.next() }
    #expect(requests.map(\.sequence) == [1, 2, 3, 4])
    #expect(requests.allSatisfy { $0.answered == 0 && $0.client == LogIndex(3) })
    numbers.answered(requests[2])
    numbers.answered(requests[1])
    #expect(numbers.answered == 0)
    numbers.answered(requests[2])
    numbers.answered(requests[0])
    #expect(numbers.answered == 3)
    #expect(numbers.next() == ClientRequest(client: LogIndex(3), sequence: 5, answered: 3))
  }
}
