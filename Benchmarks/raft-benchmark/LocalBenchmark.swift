// SPDX-License-Identifier: Apache-2.0

internal import BenchmarkKit
internal import NIOCore
internal import Raft
internal import RaftNIO

/// Measures a group in this process.
enum LocalBenchmark {
  /// One row: a new group, a warm-up of a quarter of the time, then the measurement.
  static func measure(_ settings: GroupSettings, clients: Int, payload: Int, seconds: Double) async throws -> Row {
    let (group, leader) = try await LocalGroup.start(settings)
    let load = try await Load(leader, settings, clients: clients, payload: payload)
    try await Task.sleep(for: .seconds(seconds / 4))
    _ = try await load.take()
    let before = try await group.written()
    let batches = try await leader.status().log.batches
    let cpu = CPUTime.now
    let began = ContinuousClock.now
    try await Task.sleep(for: .seconds(seconds))
    let (completed, latencies) = try await load.take()
    let elapsed = ContinuousClock.now - began
    let used = CPUTime.now - cpu
    let after = try await group.written()
    let batchesAfter = try await leader.status().log.batches
    try await load.stop()
    try await group.stop()
    return Row(
      mode: settings.mode.rawValue + (settings.interface == .async ? "/async" : ""),
      storage: settings.storage.rawValue,
      operation: settings.operation,
      concurrency: clients,
      payload: payload,
      operations: completed,
      elapsed: elapsed,
      cpu: used,
      latencies: latencies,
      syncs: after.syncs - before.syncs,
      bytes: after.bytes - before.bytes,
      batches: batchesAfter - batches
    )
  }
}

/// Clients of either kind.
private enum Load {
  case callbacks(NIOLoopBound<ClosedLoop>, any EventLoop)
  case tasks(AsyncClients)

  init(_ node: LocalGroup.Node, _ settings: GroupSettings, clients: Int, payload: Int) async throws {
    switch settings.interface {
    case .callback:
      let clients = try await ClosedLoop.start(node, settings.operation, clients: clients, payload: payload)
      self = .callbacks(clients, node.eventLoop)
    case .async:
      self = .tasks(AsyncClients(node, settings.operation, clients: clients, payload: payload))
    }
  }

  func take() async throws -> (completed: Int, latencies: LatencyHistogram) {
    switch self {
    case .callbacks(let clients, let eventLoop): try await clients.take(on: eventLoop)
    case .tasks(let clients): clients.take()
    }
  }

  func stop() async throws {
    switch self {
    case .callbacks(let clients, let eventLoop): try await clients.stop(on: eventLoop)
    case .tasks(let clients): await clients.stop()
    }
  }
}
