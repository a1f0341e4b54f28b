// SPDX-License-Identifier: Apache-2.0

import Raft
import RaftNIO
import Synchronization
import TestTraits
import Testing

@Suite("Batches of proposals", .serialized, .takingTurns, .timeLimit(.minutes(5)))
struct BatchTests {
  @Test("commands that are proposed together stand together, whatever others propose meanwhile")
  func together() async throws {
    let group = try TestGroup()
    try await group.startAll(3)
    _ = try await group.nextLeader()
    let length = 20
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      for batch in 0..<10 as Range<UInt8> {
        tasks.addTask {
          let (indexes, outputs, commands) = try await group.withLeader { leader in
            let (indexes, outputs) = try await leader.propose(contentsOf: (0..<length).map { [batch, UInt8($0)] })
            return (indexes, outputs, try await leader.withMachine { $0.commands })
          }
          #expect(indexes.upperBound - indexes.lowerBound == length - 1)
          // A ledger's outputs count its commands.
          #expect(outputs == Array(outputs[0]..<(outputs[0] + length)))
          #expect(commands[(outputs[0] - 1)...].prefix(length) == (0..<length).map { [batch, UInt8($0)] }[...])
        }
        tasks.addTask { _ = try await group.withLeader { try await $0.propose([batch]) } }
      }
      try await tasks.waitForAll()
    }
    try await group.stopAll()
  }

  @Test("a batch that can't be taken is refused as a whole")
  func refused() async throws {
    let group = try TestGroup()
    let node = try await group.start(1, .bootstrap()) {
      $0.raft.limits.payloadBytes = 100
      $0.raft.limits.uncommittedBytes = 1_000
    }
    _ = try await group.nextLeader()
    func code(of payloads: [[UInt8]]) async -> RaftError.Code? {
      await #expect(throws: RaftError.self) { _ = try await node.propose(contentsOf: payloads) }?.code
    }
    let large = [UInt8](repeating: 0, count: 101)
    let fitting = [UInt8](repeating: 0, count: 100)
    #expect(await code(of: []) == .invalidProposal)
    #expect(await code(of: [[1], large, [2]]) == .payloadTooLarge)
    #expect(await code(of: [[UInt8]](repeating: fitting, count: 11)) == .payloadTooLarge)
    await #expect(throws: RaftError.self) { _ = try await node.propose(large) }
    #expect(try await node.propose(contentsOf: [[1], [2]]).outputs == [1, 2])
    try await group.stop(1)
    #expect(await code(of: [[3]]) == .stopped)
  }

  @Test("the outcome of a batch whose leader stops is unknown, and told once")
  func unknown() async throws {
    let group = try TestGroup()
    try await group.startAll(3)
    let leader = try await group.nextLeader()
    let id = leader.configuration.member.rawValue
    for other in [1, 2, 3] as [UInt64] where other != id { try await group.kill(other) }
    let (results, sink) = AsyncStream.makeStream(of: RaftError.Code?.self)
    leader.propose(contentsOf: [[1], [2], [3]]) { result in
      if case .failure(let error) = result { sink.yield(error.code) } else { sink.yield(nil) }
    }
    // It was taken before this is answered.
    _ = try await leader.status()
    try await group.kill(id)
    sink.finish()
    var codes: [RaftError.Code?] = []
    for await code in results { codes.append(code) }
    #expect(codes == [.outcomeUnknown])
  }

  @Test("a batch of which a later leader knew the first commands only says how many")
  func partly() {
    let ended = Mutex<[Result<Int, RaftError>]>([])
    let batch = ProposedBatch<Int>(count: 3) { result in ended.withLock { $0.append(result.map(\.outputs.count)) } }
    batch.ended(.success((LogIndex(5), 1)))
    batch.ended(.failure(RaftError(.notLeader, "another leader's entry took its place")))
    #expect(ended.withLock(\.self).isEmpty)
    batch.ended(.failure(RaftError(.notLeader, "another leader's entry took its place")))
    let results = ended.withLock(\.self)
    #expect(results.count == 1)
    guard case .failure(let error)? = results.first else { return }
    #expect(error.code == .outcomeUnknown && error.message.contains("the first 1 commands were applied"))
  }
}
