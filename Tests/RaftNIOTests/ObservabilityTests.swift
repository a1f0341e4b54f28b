// SPDX-License-Identifier: Apache-2.0

import Logging
import Metrics
import MetricsTestKit
import Raft
import RaftNIO
import Synchronization
import TestTraits
import Testing

@Suite("Observability", .serialized, .takingTurns, .timeLimit(.minutes(5)))
struct ObservabilityTests {
  @Test("the leader's status tells role, term, lag, latency and what the log costs")
  func status() async throws {
    let group = try TestGroup()
    try await group.startAll(3)
    var leader = try await group.nextLeader()
    var last = LogIndex.zero
    var answered: [RaftID: UInt64] = [:]
    for number in 0..<100 as Range<UInt8> {
      (leader, last) = try await group.withLeader { ($0, try await $0.propose([number]).index) }
      answered[leader.configuration.member, default: 0] += 1
    }
    for id in [1, 2, 3] as [UInt64] { _ = try await group.commands(of: id, upTo: last) }
    let status = try await leader.status()
    #expect(status.role == .leader)
    #expect(status.term == status.raft.term)
    #expect(status.commitLatency.count == answered[leader.configuration.member, default: 0])
    #expect(status.commitLatency[0.5] > .zero && status.commitLatency[0.5] <= status.commitLatency[1])
    #expect(status.log.entries >= 100 && status.log.batches <= status.log.entries)
    #expect(status.log.syncs > 0 && status.log.bytes > 100 * 29)
    #expect(status.log.slowestWrite > .zero && status.slowestTurn >= status.slowestApply)
    let followers = status.peers.map(\.id)
    #expect(followers.count == 2)
    // What is decided and applied needn't be on each disk yet; each read is a round in which it may get there.
    while try await leader.status().peers.contains(where: { $0.match < last }) { _ = try await leader.readIndex() }
    let settled = try await leader.status()
    #expect(followers.allSatisfy { settled.lag(of: $0) == 0 })
    #expect(status.lag(of: leader.configuration.member) == nil)
    let follower = try await group[followers[0].rawValue].status()
    #expect(follower.leader == leader.configuration.member)
    #expect(follower.commitLatency.count == 0)
    try await group.stopAll()
  }

  @Test("a follower that is gone lags")
  func lag() async throws {
    let group = try TestGroup()
    try await group.startAll(3)
    let leader = try await group.nextLeader()
    try await group.propose([0])
    let gone = RaftID(leader.configuration.member == RaftID(1) ? 2 : 1)
    try await group.kill(gone.rawValue)
    for number in 1...50 as ClosedRange<UInt8> { try await group.propose([number]) }
    #expect(try await group.leader().status().lag(of: gone) ?? 0 >= 50)
    try await group.stopAll()
  }

  @Test("metrics name cluster and member, and follow what happens")
  func metrics() async throws {
    let metrics = TestMetrics()
    let group = try TestGroup()
    let node = try await group.start(1, .bootstrap()) { $0.metrics = metrics }
    _ = try await group.nextLeader()
    for number in 0..<10 as Range<UInt8> { _ = try await node.propose([number]) }
    let dimensions = [("cluster", "tests"), ("member", "1")]
    var status = try await node.status()
    // What was done is counted for the second in which it was done: one may end just here.
    repeat {
      _ = try await node.propose([10])
      try await node.recordMetrics()
      status = try await node.status()
    } while status.saturation.loop == 0 || status.saturation.disk == 0 || status.saturation.apply == 0
    #expect(try metrics.expectGauge("raft_is_leader", dimensions).lastValue == 1)
    #expect(try metrics.expectGauge("raft_term", dimensions).lastValue == Double(status.term.rawValue))
    #expect(try metrics.expectGauge("raft_applied_index", dimensions).lastValue == Double(status.applied.rawValue))
    #expect(try metrics.expectCounter("raft_log_entries_total", dimensions).totalValue >= 10)
    #expect(try metrics.expectCounter("raft_log_syncs_total", dimensions).totalValue >= 10)
    #expect(try metrics.expectCounter("raft_role_changes_total", dimensions).totalValue >= 1)
    #expect(try metrics.expectTimer("raft_commit_seconds", dimensions).values.count >= 10)
    #expect(try metrics.expectGauge("raft_loop_saturation", dimensions).lastValue ?? -1 > 0)
    try await group.stop(1)
  }

  @Test("lines of the log name term and index")
  func logs() async throws {
    let lines = Mutex<[(String, Logger.Metadata)]>([])
    let directory = try TemporaryDirectory()
    let node = RaftNode(
      configuration: RaftNodeConfiguration(directory: "\(directory.path)/1", clusterID: "tests", start: .bootstrap()),
      machine: Ledger(),
      eventLoop: TestLoops.next(),
      logger: Logger(label: "test") { _ in
        CapturingHandler { message, metadata in lines.withLock { $0.append((message, metadata)) } }
      }
    )
    let events = node.events
    let task = Task { try await node.run() }
    for await case .leadershipEstablished in events { break }
    let term = try await node.status().term
    await node.shutdown()
    try await task.value
    let elected = try #require(lines.withLock { $0.first { $0.1["role"] == "leader" } })
    #expect(elected.1["term"] == "\(term)" && elected.1["index"] != nil && elected.1["raft"] == "1")
  }

  @Test("a histogram tells parts within three percent")
  func histogram() {
    var histogram = LatencyHistogram()
    #expect(histogram[0.5] == .zero)
    for number in 1...1000 as ClosedRange<UInt64> { histogram.add(nanoseconds: number * 1000) }
    var other = LatencyHistogram()
    other.add(.milliseconds(5), times: 1000)
    histogram.add(other)
    #expect(histogram.count == 2000)
    for (part, expected) in [(0.05, 100.0), (0.25, 500), (0.45, 900)] {
      let value = histogram[part] / .microseconds(1)
      #expect(abs(value - expected) / expected < 0.04, "\(part): \(value)")
    }
    #expect(histogram[0.75] >= .milliseconds(4.8) && histogram[1] == .milliseconds(5))
  }
}

/// Hands every line to a closure.
private struct CapturingHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.trace
  let take: @Sendable (String, Logger.Metadata) -> Void

  init(_ take: @escaping @Sendable (String, Logger.Metadata) -> Void) { self.take = take }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { self.metadata[key] }
    set { self.metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    self.take("\(event.message)", self.metadata.merging(event.metadata ?? [:]) { _, line in line })
  }
}
