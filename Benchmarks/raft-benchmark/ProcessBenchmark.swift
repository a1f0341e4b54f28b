// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix

/// Measures members that are processes of their own.
enum ProcessBenchmark {
  /// Clients share this many connections at most.
  private static let maximumConnections = 32

  /// One row.
  ///
  /// The processor time is the members'; clients and what they cost are outside.
  static func measure(_ settings: GroupSettings, clients: Int, payload: Int, seconds: Double) async throws -> Row {
    let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let eventLoop = loops.next()
    let group = try ProcessGroup(settings, eventLoop: eventLoop)
    let leader = try await group.leader()
    var connections: [NIOLoopBound<ClientConnection>] = []
    for _ in 0..<min(clients, self.maximumConnections) { connections.append(try await group.connect(to: leader)) }
    let (made, operation) = (connections, settings.operation)
    let load = try await eventLoop.submit {
      let load = RemoteLoop(made, operation, payload: payload)
      load.begin(clients: clients)
      return NIOLoopBound(load, eventLoop: eventLoop)
    }.get()
    try await Task.sleep(for: .seconds(seconds / 4))
    _ = try await eventLoop.submit { load.value.take() }.get()
    let syncs = try await group.sum(.syncs)
    let bytes = try await group.sum(.bytes)
    let batches = try await group.number(.batches, of: leader)
    let cpu = group.cpu
    let began = ContinuousClock.now
    try await Task.sleep(for: .seconds(seconds))
    let (completed, latencies) = try await eventLoop.submit { load.value.take() }.get()
    let elapsed = ContinuousClock.now - began
    let used = group.cpu - cpu
    let syncsAfter = try await group.sum(.syncs)
    let bytesAfter = try await group.sum(.bytes)
    let batchesAfter = try await group.number(.batches, of: leader)
    let failures = try await eventLoop.submit {
      load.value.stop()
      return load.value.failures
    }.get()
    try group.stop()
    try await loops.shutdownGracefully()
    guard failures == 0 else { throw BenchmarkError("\(failures) requests failed") }
    return Row(
      mode: settings.mode.rawValue,
      storage: settings.storage.rawValue,
      operation: operation,
      concurrency: clients,
      payload: payload,
      operations: completed,
      elapsed: elapsed,
      cpu: used,
      latencies: latencies,
      syncs: syncsAfter - syncs,
      bytes: bytesAfter - bytes,
      batches: batchesAfter - batches
    )
  }
}
