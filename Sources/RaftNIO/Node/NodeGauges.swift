// SPDX-License-Identifier: Apache-2.0

internal import Metrics
internal import NIOCore
internal import Raft

/// What is looked at once a second: saturation, and the metrics that are amounts at a moment.
///
/// Labels begin with `raft_` and carry the dimensions `cluster` and `member`.
final class NodeGauges {
  private(set) var saturation = NodeStatus.Saturation.idle
  private var last: (time: NIODeadline, activity: NodeActivity)

  private let factory: any MetricsFactory
  private let dimensions: [(String, String)]
  private let term: Gauge
  private let isLeader: Gauge
  private let commit: Gauge
  private let applied: Gauge
  private let uncommittedBytes: Gauge
  private let memoryBytes: Gauge
  private let loop: Gauge
  private let disk: Gauge
  private let apply: Gauge
  private let entries: Counter
  private let batches: Counter
  private let syncs: Counter
  private let writtenBytes: Counter
  private let roleChanges: Counter
  private let commitLatency: Timer
  private let writeTime: Timer
  private var lags: [RaftID: Gauge] = [:]

  init(_ configuration: RaftNodeConfiguration) {
    let factory = configuration.metrics ?? MetricsSystem.factory
    let dimensions = [("cluster", configuration.clusterID), ("member", "\(configuration.member)")]
    func gauge(_ name: String) -> Gauge { Gauge(label: "raft_\(name)", dimensions: dimensions, factory: factory) }
    func counter(_ name: String) -> Counter { Counter(label: "raft_\(name)", dimensions: dimensions, factory: factory) }
    func timer(_ name: String) -> Timer {
      Timer(label: "raft_\(name)", dimensions: dimensions, preferredDisplayUnit: .milliseconds, factory: factory)
    }
    self.factory = factory
    self.dimensions = dimensions
    self.term = gauge("term")
    self.isLeader = gauge("is_leader")
    self.commit = gauge("commit_index")
    self.applied = gauge("applied_index")
    self.uncommittedBytes = gauge("uncommitted_bytes")
    self.memoryBytes = gauge("log_memory_bytes")
    self.loop = gauge("loop_saturation")
    self.disk = gauge("disk_saturation")
    self.apply = gauge("apply_saturation")
    self.entries = counter("log_entries_total")
    self.batches = counter("log_batches_total")
    self.syncs = counter("log_syncs_total")
    self.writtenBytes = counter("log_bytes_total")
    self.roleChanges = counter("role_changes_total")
    self.commitLatency = timer("commit_seconds")
    self.writeTime = timer("log_write_seconds")
    self.last = (.now(), NodeActivity())
  }

  /// A second passed, or about that.
  func update(_ activity: NodeActivity, _ status: RaftStatus, now: NIODeadline) {
    let time = Double(max(1, (now - self.last.time).nanoseconds))
    let old = self.last.activity
    self.last = (now, activity)
    self.saturation = NodeStatus.Saturation(
      loop: Double(activity.turning - old.turning) / time,
      disk: (activity.log.busy - old.log.busy) / .nanoseconds(1) / time,
      apply: Double(activity.applying - old.applying) / time
    )
    self.loop.record(self.saturation.loop)
    self.disk.record(self.saturation.disk)
    self.apply.record(self.saturation.apply)
    self.entries.increment(by: activity.entries - old.entries)
    self.batches.increment(by: activity.batches - old.batches)
    self.syncs.increment(by: activity.log.syncs - old.log.syncs)
    self.writtenBytes.increment(by: activity.log.bytes - old.log.bytes)
    self.record(status)
  }

  private func record(_ status: RaftStatus) {
    self.term.record(status.term.rawValue)
    self.isLeader.record(status.role == .leader ? 1 : 0)
    self.commit.record(status.commit.rawValue)
    self.applied.record(status.applied.rawValue)
    self.uncommittedBytes.record(status.uncommittedBytes)
    self.memoryBytes.record(status.memoryBytes)
    for (member, gauge) in self.lags where !status.peers.contains(where: { $0.id == member }) {
      gauge.destroy()
      self.lags[member] = nil
    }
    for peer in status.peers {
      self.lag(of: peer.id).record(status.lastIndex.rawValue - min(status.lastIndex, peer.match).rawValue)
    }
  }

  private func lag(of member: RaftID) -> Gauge {
    if let gauge = self.lags[member] { return gauge }
    let gauge = Gauge(
      label: "raft_follower_lag_entries",
      dimensions: self.dimensions + [("follower", "\(member)")],
      factory: self.factory
    )
    self.lags[member] = gauge
    return gauge
  }

  /// Once per batch.
  func committed(after nanoseconds: Int64) { self.commitLatency.recordNanoseconds(nanoseconds) }

  /// Once per round of the log's thread.
  func wrote(in time: Duration) { self.writeTime.record(duration: time) }

  func roleChanged() { self.roleChanges.increment() }

  /// Nobody looks any more.
  func destroy() {
    for gauge in [
      self.term, self.isLeader, self.commit, self.applied, self.uncommittedBytes, self.memoryBytes, self.loop, self.disk,
      self.apply,
    ] { gauge.destroy() }
    for counter in [self.entries, self.batches, self.syncs, self.writtenBytes, self.roleChanges] { counter.destroy() }
    for timer in [self.commitLatency, self.writeTime] { timer.destroy() }
    for gauge in self.lags.values { gauge.destroy() }
  }
}
