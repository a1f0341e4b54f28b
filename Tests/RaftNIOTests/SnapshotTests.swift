// SPDX-License-Identifier: Apache-2.0

import Raft
import RaftNIO
import TestTraits
import Testing

@Suite("Snapshots between nodes", .serialized, .takingTurns, .timeLimit(.minutes(5)))
struct SnapshotTests {
  private let payloadLength = 60_000
  private let count = 100

  /// A leader with six million bytes in a snapshot and none in its log, and a member that just joined and that only the leader
  /// dials, through a proxy.
  private func joining(
    _ group: TestGroup,
    configure: @escaping (inout RaftNodeConfiguration) -> Void = { _ in }
  ) async throws -> (leader: RaftNode<Ledger>, id: UInt64, proxy: CuttingProxy) {
    let leader = try await group.start(1, .bootstrap()) {
      $0.raft.memory.trailingEntries = 0
      $0.transport.snapshotWindow = 256 << 10
      configure(&$0)
    }
    _ = try await group.nextLeader()
    for number in 0..<self.count { _ = try await leader.propose([UInt8](repeating: UInt8(number), count: self.payloadLength)) }
    _ = try await leader.takeSnapshot()
    let id = try await group.change(.addLearner(context: []), through: leader).0.rawValue
    group.move(1, to: nil)
    try await group.start(id, .join) { configure(&$0) }
    let proxy = CuttingProxy(to: try #require(group.port(of: id)))
    group.move(id, to: nil)
    return (leader, id, proxy)
  }

  private func waitForRestore(_ group: TestGroup, _ id: UInt64) async throws {
    try await group.wait { member, event in
      if member == RaftID(id), case .snapshotRestored = event { true } else { false }
    }
  }

  private var snapshotLength: Int { self.payloadLength * self.count }

  @Test("a transfer that was cut goes on where it ended")
  func resumed() async throws {
    let group = try TestGroup()
    let (leader, id, proxy) = try await self.joining(group)
    let port = try await proxy.start()
    proxy.cut(after: self.snapshotLength / 2)
    group.move(id, to: port)
    await proxy.waitForCut()
    try await self.waitForRestore(group, id)
    #expect(proxy.forwarded < self.snapshotLength * 4 / 3, "half of it didn't go twice")
    #expect(try await group[id].withMachine { $0.commands } == leader.withMachine { $0.commands })
    try await group.stopAll()
    try await proxy.stop()
  }

  @Test("a transfer goes on after the receiver was killed")
  func restarted() async throws {
    let group = try TestGroup()
    let (leader, id, proxy) = try await self.joining(group)
    let port = try await proxy.start()
    proxy.cut(after: self.snapshotLength / 2)
    group.move(id, to: port)
    await proxy.waitForCut()
    group.move(id, to: nil)
    try await group.kill(id)
    #expect(try group.directory.names(in: "\(id)").contains { $0.hasPrefix("incoming-") })
    try await group.start(id)
    proxy.point(to: try #require(group.port(of: id)))
    group.move(id, to: port)
    try await self.waitForRestore(group, id)
    #expect(proxy.forwarded < self.snapshotLength * 4 / 3, "half of it didn't go twice")
    #expect(try await group[id].withMachine { $0.commands } == leader.withMachine { $0.commands })
    #expect(try !group.directory.names(in: "\(id)").contains { $0.hasPrefix("incoming-") })
    try await group.stopAll()
    try await proxy.stop()
  }

  @Test("a rate limit is kept")
  func rate() async throws {
    let group = try TestGroup()
    let rate = 4 << 20
    let (_, id, proxy) = try await self.joining(group) { $0.transport.snapshotRate = rate }
    let port = try await proxy.start()
    let began = ContinuousClock.now
    group.move(id, to: port)
    try await self.waitForRestore(group, id)
    // The first piece goes at once, and the last one needn't be waited for.
    let least = Duration.seconds(Double(self.snapshotLength - (512 << 10)) / Double(rate))
    #expect(ContinuousClock.now - began >= least)
    try await group.stopAll()
    try await proxy.stop()
  }

  @Test("nothing stops while a snapshot is written")
  func withoutStopping() async throws {
    let gate = Gate(isClosed: true)
    let group = try MemberGroup { GatedLedger(gate: gate) }
    let node = try await group.start(1, .bootstrap()) { $0.snapshots = .init(entries: 10) }
    _ = try await group.nextLeader()
    for number in 1...20 as ClosedRange<UInt8> { _ = try await node.propose([number]) }
    await gate.waitUntilReached()
    for number in 21...40 as ClosedRange<UInt8> { #expect(try await node.propose([number]).output == Int(number)) }
    // It needs another one, which covers everything until now.
    async let next = node.takeSnapshot()
    _ = try await node.status()
    gate.open()
    #expect(try await next.index >= LogIndex(40))
    try await group.wait { _, event in
      if case .snapshotTaken(let position) = event { position.index < LogIndex(30) } else { false }
    }
    try await group.kill(1)
    try await group.start(1)
    let again = try await group.nextLeader()
    #expect(try await again.propose([41]).output == 41)
    try await group.stop(1)
  }

  @Test("the state may say itself how many entries there are between snapshots")
  func asTheStateSays() async throws {
    let group = try MemberGroup { FrugalLedger() }
    let node = try await group.start(1, .bootstrap())
    _ = try await group.nextLeader()
    // Until the third command the configuration's limit holds.
    for number in 1...30 as ClosedRange<UInt8> { _ = try await node.propose([number]) }
    try await group.wait { _, event in
      if case .snapshotTaken(let position) = event { position.index > LogIndex(10) } else { false }
    }
    try await group.stop(1)
  }

  @Test("the size of entries counts for the policy as well as their number, and memory keeps no more than its tail")
  func bySize() async throws {
    let group = try TestGroup()
    let node = try await group.start(1, .bootstrap()) {
      $0.snapshots = .init(bytes: 200_000)
      $0.raft.memory.trailingBytes = 70_000
    }
    _ = try await group.nextLeader()
    for number in 0..<40 { _ = try await node.propose([UInt8](repeating: UInt8(number), count: 20_000)) }
    try await group.wait { _, event in
      if case .snapshotTaken(let position) = event { position.index > LogIndex(25) } else { false }
    }
    let status = try await node.status()
    #expect(status.firstIndex > LogIndex(15))
    #expect(status.memoryBytes <= (64 << 10) + 20_100)
    try await group.stop(1)
  }
}

/// A ledger whose snapshots wait at a gate.
private struct GatedLedger: StateMachine {
  var ledger = Ledger()
  let gate: Gate

  init(gate: Gate) { self.gate = gate }

  mutating func apply(_ entries: [Entry], into outputs: inout [Int]) { self.ledger.apply(entries, into: &outputs) }

  func snapshot() -> any SnapshotSource { Source(base: self.ledger.snapshot(), gate: self.gate) }

  mutating func restore(from snapshot: [UInt8]) throws { try self.ledger.restore(from: snapshot) }

  private struct Source: SnapshotSource {
    let base: any SnapshotSource
    let gate: Gate

    func write(to sink: inout SnapshotSink) throws {
      self.gate.pass()
      try self.base.write(to: &sink)
    }
  }
}

/// A ledger that wants a snapshot every ten commands once it has three.
private struct FrugalLedger: StateMachine {
  var ledger = Ledger()

  var entriesBetweenSnapshots: Int? { self.ledger.commands.count < 3 ? nil : 10 }

  mutating func apply(_ entries: [Entry], into outputs: inout [Int]) { self.ledger.apply(entries, into: &outputs) }

  func snapshot() -> any SnapshotSource { self.ledger.snapshot() }

  mutating func restore(from snapshot: [UInt8]) throws { try self.ledger.restore(from: snapshot) }
}
