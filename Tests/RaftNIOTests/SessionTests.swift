// SPDX-License-Identifier: Apache-2.0

import Raft
import RaftNIO
import TestTraits
import Testing

@Suite("Exactly-once sessions", .serialized, .takingTurns, .timeLimit(.minutes(5)))
struct SessionTests {
  private typealias Machine = SessionMachine<Ledger>

  private func group(_ directory: TemporaryDirectory? = nil) throws -> MemberGroup<Machine> {
    try MemberGroup(directory: directory) { SessionMachine(Ledger(), limits: .init(lifetime: .seconds(60), outputs: 3)) }
  }

  @Test("a repeated request is carried out once and has the first output, also after a snapshot and a restart")
  func repetition() async throws {
    let group = try self.group()
    var node = try await group.start(1, .bootstrap())
    _ = try await group.nextLeader()
    var numbers = RequestNumbers(client: try await node.openSession(at: .seconds(1)))
    let (first, second) = (numbers.next(), numbers.next())
    #expect(try await node.propose([1], as: first, at: .seconds(2)).output == 1)
    #expect(try await node.propose([2], as: second, at: .seconds(2)).output == 2)
    #expect(try await node.propose([1], as: first, at: .seconds(3)).output == 1)
    _ = try await node.takeSnapshot()
    try await group.kill(1)

    node = try await group.start(1)
    _ = try await group.nextLeader()
    #expect(try await node.propose([2], as: second, at: .seconds(3)).output == 2)
    #expect(try await node.withMachine { $0.base.commands } == [[1], [2]])
    try await group.stop(1)
  }

  @Test("of one request proposed many times at once, one is carried out, and all get its output")
  func oneBatch() async throws {
    let group = try self.group()
    let node = try await group.start(1, .bootstrap())
    _ = try await group.nextLeader()
    var numbers = RequestNumbers(client: try await node.openSession())
    let request = numbers.next()
    let other = numbers.next()
    let outputs = try await withThrowingTaskGroup(of: Int.self) { tasks in
      for _ in 0..<50 { tasks.addTask { try await node.propose([7], as: request).output } }
      tasks.addTask { try await node.propose([8], as: other).output - 1 }
      return try await tasks.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(outputs.isSubset(of: [1, 2, 0]))
    #expect(try await node.withMachine { $0.base.commands.filter { $0 == [7] }.count } == 1)
    try await group.stop(1)
  }

  @Test("a session ends after its lifetime by the time in entries, by being closed, or by never having been")
  func expiry() async throws {
    let group = try self.group()
    let node = try await group.start(1, .bootstrap())
    _ = try await group.nextLeader()
    let client = try await node.openSession(at: .seconds(100))
    let other = try await node.openSession(at: .seconds(100))
    var numbers = RequestNumbers(client: client)
    _ = try await node.propose([1], as: numbers.next(), at: .seconds(159))
    #expect(try await node.withMachine { $0.isOpen(other) })
    // Its time goes back, but the group's doesn't.
    _ = try await node.propose([2], as: numbers.next(), at: .seconds(1))
    _ = try await node.propose([3], as: numbers.next(), at: .seconds(161))
    let late = await #expect(throws: RaftError.self) {
      try await node.propose([4], as: ClientRequest(client: other, sequence: 1), at: .seconds(161))
    }
    #expect(late?.code == .sessionExpired)
    try await node.closeSession(client)
    let closed = await #expect(throws: RaftError.self) { try await node.propose([5], as: numbers.next(), at: .seconds(161)) }
    #expect(closed?.code == .sessionExpired)
    #expect(try await node.withMachine { $0.base.commands } == [[1], [2], [3]])
    try await group.stop(1)
  }

  @Test("a request whose output isn't kept any more has an outcome that can't be known")
  func forgotten() async throws {
    let group = try self.group()
    let node = try await group.start(1, .bootstrap())
    _ = try await group.nextLeader()
    var numbers = RequestNumbers(client: try await node.openSession())
    let requests = (0..<5).map { _ in numbers.next() }
    for request in requests { _ = try await node.propose([UInt8(request.sequence)], as: request) }
    let error = await #expect(throws: RaftError.self) { try await node.propose([1], as: requests[0]) }
    #expect(error?.code == .outcomeUnknown)
    #expect(try await node.propose([5], as: requests[4]).output == 5)
    #expect(try await node.withMachine { $0.base.commands.count } == 5)
    try await group.stop(1)
  }

  @Test("requests that are repeated until they are answered survive the loss of leaders once each")
  func leaderLoss() async throws {
    let group = try self.group()
    try await group.startAll(3)
    _ = try await group.nextLeader()
    var numbers = RequestNumbers(client: try await group.withLeader { try await $0.openSession() })
    for number in 1...30 as ClosedRange<UInt8> {
      let request = numbers.next()
      if number % 10 == 0 {
        // The proposal and the end of its leader race.
        let leader = try await group.leader()
        let id = leader.configuration.member.rawValue
        async let lost = try? leader.propose([number], as: request)
        try await group.kill(id)
        _ = await lost
        _ = try await group.leader()
        try await group.start(id)
      }
      #expect(try await group.withLeader { try await $0.propose([number], as: request).output } == Int(number))
      numbers.answered(request)
    }
    try await group.readIndex(of: 1)
    #expect(try await group[1].withMachine { $0.base.commands } == (1...30).map { [$0] })
    try await group.stopAll()
  }
}
