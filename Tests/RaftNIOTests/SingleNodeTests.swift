// SPDX-License-Identifier: Apache-2.0

import Logging
import Raft
import RaftNIO
import Synchronization
import TestTraits
import Testing

@Suite("One node", .serialized, .takingTurns, .timeLimit(.minutes(5)))
struct SingleNodeTests {
  @Test("what was acknowledged is there after a restart, whether the node was stopped or killed", arguments: [false, true])
  func restart(isKilled: Bool) async throws {
    let group = try TestGroup()
    let node = try await group.start(1, .bootstrap(context: [7]))
    _ = try await group.nextLeader()
    for number in 1...20 as ClosedRange<UInt8> {
      let result = try await node.propose([number])
      #expect(result.output == Int(number))
    }
    #expect(try await node.status().membership.members.map(\.context) == [[7]])
    if isKilled { try await group.kill(1) } else { try await group.stop(1) }

    try await group.start(1)
    let again = try await group.nextLeader()
    let index = try await again.propose([21]).index
    #expect(try await group.commands(of: 1, upTo: index) == (1...21).map { [$0] })
    try await group.stop(1)
  }

  @Test("proposals made before the node runs, and many at once, keep their order")
  func batches() async throws {
    let group = try TestGroup()
    let node = try await group.start(1, .bootstrap())
    let leader = try await group.nextLeader()
    #expect(leader === node)
    let outputs = await withTaskGroup(of: Int?.self) { tasks in
      for number in 0..<500 { tasks.addTask { try? await node.propose([UInt8(number & 0xFF)]).output } }
      var outputs: Set<Int> = []
      for await output in tasks { if let output { outputs.insert(output) } }
      return outputs
    }
    #expect(outputs == Set(1...500))
    try await group.stop(1)
  }

  @Test("a killed node keeps everything acknowledged while proposals are in flight")
  func killUnderLoad() async throws {
    let group = try TestGroup()
    var expected: Set<[UInt8]> = []
    for round in 0..<5 as Range<UInt8> {
      let node = try await group.start(1, round == 0 ? .bootstrap() : .resume)
      _ = try await group.nextLeader()
      let acknowledged = Mutex<Set<[UInt8]>>([])
      let (signal, continuation) = AsyncStream.makeStream(of: Void.self)
      for number in 0..<200 as Range<UInt8> {
        let payload = [round, number]
        node.propose(payload) { result in
          guard case .success = result else { return }
          acknowledged.withLock { _ = $0.insert(payload) }
          continuation.yield()
        }
      }
      // In the middle of it, but after at least one acknowledgement.
      for await _ in signal { break }
      try await group.kill(1)
      expected.formUnion(acknowledged.withLock { $0 })
    }
    try await group.start(1)
    let node = try await group.nextLeader()
    _ = try await node.propose([])
    let commands = try await node.withMachine { $0.commands }
    #expect(expected.isSubset(of: commands))
    #expect(Set(commands).count == commands.count, "nothing is applied twice")
    try await group.stop(1)
  }

  @Test("snapshots bound the log, and a restart continues from the newest")
  func snapshots() async throws {
    let group = try TestGroup()
    let node = try await group.start(1, .bootstrap()) { $0.snapshots = .init(entries: 100) }
    _ = try await group.nextLeader()
    for number in 0..<1000 { _ = try await node.propose([UInt8](repeating: UInt8(number & 0xFF), count: 300)) }
    try await group.wait { _, event in
      if case .snapshotTaken(let position) = event { position.index > LogIndex(500) } else { false }
    }
    #expect(try await node.status().firstIndex > LogIndex(300))
    try await group.stop(1)
    let names = try group.directory.names(in: "1")
    #expect(names.filter { $0.hasPrefix("snapshot-") }.count == 1)
    #expect(names.filter { $0.hasPrefix("log-") }.count < 8)
    for name in names { #expect(try group.directory.mode(of: "1/\(name)") == 0o600) }
    #expect(try group.directory.mode(of: "1") == 0o700)

    try await group.start(1)
    let again = try await group.nextLeader()
    let result = try await again.propose([1])
    #expect(result.output == 1001)
    #expect(try await again.withMachine { $0.commands.count } == 1001)
    try await group.stop(1)
  }

  @Test("more decided entries than memory holds are applied from the disk at the start")
  func longReplay() async throws {
    let group = try TestGroup()
    let node = try await group.start(1, .bootstrap())
    _ = try await group.nextLeader()
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      for number in 0..<600 {
        tasks.addTask { _ = try await node.propose([UInt8](repeating: UInt8(number & 0xFF), count: 1000)) }
      }
      try await tasks.waitForAll()
    }
    try await group.kill(1)
    try await group.start(1)
    let again = try await group.nextLeader()
    #expect(try await again.propose([1]).output == 601)
    try await group.stop(1)
  }

  @Test("nodes that are stopped answer so")
  func stopped() async throws {
    let group = try TestGroup()
    let node = try await group.start(1, .bootstrap())
    try await group.stop(1)
    let error = await #expect(throws: RaftError.self) { _ = try await node.propose([1]) }
    #expect(error?.code == .stopped)
    await #expect(throws: RaftError.self) { _ = try await node.status() }
    await #expect(throws: RaftError.self) { try await node.run() }
    let never = RaftNode(
      configuration: group.configuration(2, .bootstrap()),
      machine: Ledger(),
      eventLoop: node.eventLoop,
      logger: .init(label: "test")
    )
    await never.shutdown()
    await #expect(throws: RaftError.self) { _ = try await never.propose([1]) }
  }
}
