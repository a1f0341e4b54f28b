// SPDX-License-Identifier: Apache-2.0

import Raft
import Testing

@Suite("Client sessions")
struct ClientSessionTests {
  private typealias Sessions = ClientSessions<LogIndex, Int>

  private static func request(_ sequence: UInt64, answered: UInt64 = 0, client: UInt64 = 1) -> ClientRequest<LogIndex> {
    ClientRequest(client: LogIndex(client), sequence: sequence, answered: answered)
  }

  /// A register that counts how often it was added to.
  private struct Counter {
    var sessions: Sessions
    var value = 0

    mutating func add(_ request: ClientRequest<LogIndex>, now: Duration = .zero) throws(RaftError) -> Int {
      var value = self.value
      defer { self.value = value }
      return try self.sessions.apply(request, now: now) {
        value += 1
        return value
      }
    }
  }

  private static func counter(_ limits: Sessions.Limits = .init()) -> Counter {
    var sessions = Sessions(limits: limits)
    sessions.open(LogIndex(1), now: .zero)
    return Counter(sessions: sessions)
  }

  @Test("a repeated request is carried out once and gets the first answer")
  func once() throws {
    var counter = Self.counter()
    #expect(try counter.add(Self.request(1)) == 1)
    #expect(try counter.add(Self.request(1)) == 1)
    #expect(try counter.add(Self.request(2)) == 2)
    #expect(try counter.add(Self.request(1)) == 1)
    #expect(counter.value == 2)
  }

  @Test("requests under way at the same time may arrive in any order, each is carried out once")
  func order() throws {
    for order in [[1, 2, 3], [3, 1, 2], [2, 3, 1], [3, 2, 1]] as [[UInt64]] {
      var counter = Self.counter()
      var answers: [UInt64: Int] = [:]
      for sequence in order { answers[sequence] = try counter.add(Self.request(sequence)) }
      for sequence in order { #expect(try counter.add(Self.request(sequence)) == answers[sequence]) }
      #expect(counter.value == 3)
    }
  }

  @Test("what the client has the answer to is forgotten; its repetition has an unknown outcome and is not carried out")
  func answered() throws {
    var counter = Self.counter()
    for sequence in 1...3 as ClosedRange<UInt64> { _ = try counter.add(Self.request(sequence)) }
    _ = try counter.add(Self.request(4, answered: 3))
    #expect(counter.sessions.all[0].session.outputs.map(\.sequence) == [4])
    let error = #expect(throws: RaftError.self) { try counter.add(Self.request(2)) }
    #expect(error?.code == .outcomeUnknown)
    #expect(counter.value == 4)
  }

  @Test("only so many outputs of a client are kept")
  func window() throws {
    var counter = Self.counter(.init(outputs: 4))
    for sequence in 1...10 as ClosedRange<UInt64> { _ = try counter.add(Self.request(sequence)) }
    #expect(try counter.add(Self.request(7)) == 7)
    #expect(#expect(throws: RaftError.self) { try counter.add(Self.request(6)) }?.code == .outcomeUnknown)
    #expect(counter.value == 10)
  }

  @Test("a session expires by the time in entries, and its requests are never carried out again")
  func expiry() throws {
    var counter = Self.counter(.init(lifetime: .seconds(10)))
    _ = try counter.add(Self.request(1), now: .seconds(9))
    _ = try counter.add(Self.request(2), now: .seconds(19))
    _ = try counter.add(Self.request(3), now: .seconds(3))
    #expect(counter.sessions.time == .seconds(19), "time doesn't go back")
    for sequence in [3, 4] as [UInt64] {
      let error = #expect(throws: RaftError.self) { try counter.add(Self.request(sequence), now: .seconds(30)) }
      #expect(error?.code == .sessionExpired)
    }
    #expect(counter.value == 3)
  }

  @Test("a closed session and a stranger have none")
  func closed() throws {
    var counter = Self.counter()
    counter.sessions.close(LogIndex(1))
    for client in [1, 2] as [UInt64] {
      let error = #expect(throws: RaftError.self) { try counter.add(Self.request(1, client: client)) }
      #expect(error?.code == .sessionExpired)
    }
    #expect(counter.value == 0)
  }

  @Test("one session too many takes the place of the one that was silent longest")
  func bounded() {
    var sessions = Sessions(limits: .init(sessions: 3))
    for client in 1...3 as ClosedRange<UInt64> { sessions.open(LogIndex(client), now: .seconds(Int64(client))) }
    _ = sessions.admit(Self.request(1, client: 1), now: .seconds(4))
    sessions.open(LogIndex(9), now: .seconds(5))
    #expect(sessions.all.map(\.client.rawValue) == [1, 3, 9])
  }

  @Test("a member that came back from a snapshot decides like one that never left", arguments: 0..<40 as Range<UInt64>)
  func snapshot(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let limits = Sessions.Limits(lifetime: .seconds(8), outputs: 3, sessions: 4)
    var steady = Sessions(limits: limits)
    var restored = steady
    var now = Duration.zero
    for step in 0..<300 {
      if random.next(below: 20) == 0 {
        restored = Sessions(limits: limits, time: restored.time, sessions: restored.all)
      }
      now += .milliseconds(Int64(random.next(below: 1500)))
      let client = LogIndex(1 + random.next(below: 6))
      if random.next(below: 3) == 0 {
        steady.open(client, now: now)
        restored.open(client, now: now)
      } else {
        let request = ClientRequest(client: client, sequence: 1 + random.next(below: 12), answered: random.next(below: 3))
        let first = Result { () throws(RaftError) in try steady.apply(request, now: now) { step } }
        let second = Result { () throws(RaftError) in try restored.apply(request, now: now) { step } }
        #expect(first == second, "seed \(seed), step \(step)")
      }
      #expect(steady.all.map(\.client) == restored.all.map(\.client), "seed \(seed), step \(step)")
      #expect(steady.all.map(\.session.forgotten) == restored.all.map(\.session.forgotten), "seed \(seed), step \(step)")
    }
  }

  @Test("commands come back from their bytes, and any bytes give a command or a typed error")
  func coding() throws {
    let commands: [SessionCommand] = [
      .open(time: .seconds(5)),
      .request(Self.request(3, answered: 1, client: 77), time: .milliseconds(1234), payload: [1, 2, 3]),
      .request(Self.request(1), time: .zero, payload: []),
      .close(LogIndex(4)),
    ]
    for command in commands { #expect(try SessionCommand(decoding: command.encoded[...]) == command) }
    #expect(commands[1].encoded == [1, 2, 77, 4, 3, 6, 1, 8, 0xD2, 0x09, 13, 3, 1, 2, 3], "golden bytes")
    var random = SeededGenerator(seed: 4)
    for _ in 0..<2000 {
      var bytes = commands[Int(random.next(below: 4))].encoded
      for _ in 0...random.next(below: 3) {
        bytes[Int(random.next(below: UInt64(bytes.count)))] = UInt8(random.next(below: 256))
      }
      _ = try? SessionCommand(decoding: bytes[...])
    }
    #expect(#expect(throws: RaftError.self) { try SessionCommand(decoding: []) }?.code == .incomplete)
    #expect(#expect(throws: RaftError.self) { try SessionCommand(decoding: [9]) }?.code == .unsupportedFormat)
    #expect(#expect(throws: RaftError.self) { try SessionCommand(decoding: [1]) }?.code == .corrupt)
  }
}
