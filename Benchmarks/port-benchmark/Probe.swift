// SPDX-License-Identifier: Apache-2.0

internal import BenchmarkKit
internal import NIOPosix
internal import SwarmIdentity
internal import SwarmModel
internal import SwarmWire

/// A worker like any other, which sends heartbeats and looks how long the answers take.
struct Probe: Sendable {
  let server: ServerProcess
  let security: NodeSecurity

  /// How long answers took, and the most memory that the server had meanwhile.
  struct Result: Sendable {
    var latencies: Percentiles
    var memory: Int
  }

  /// Sends heartbeats on one connection for some time.
  func run(for duration: Duration) async throws -> Result {
    let node = self.security.credentials.identity.nodeID
    var ids = IdentifierGenerator(seed: 1)
    let session: SessionID = ids.make()
    var memory = 0
    let latencies = try await ManagerClient.withConnection(
      to: "127.0.0.1:\(self.server.port)",
      as: node,
      security: .mutual(self.security),
      on: MultiThreadedEventLoopGroup.singleton
    ) { client in
      var latencies: [Duration] = []
      let clock = ContinuousClock()
      let end = clock.now + duration
      while clock.now < end {
        let start = clock.now
        _ = try await client.heartbeat(node: node, session: session)
        latencies.append(clock.now - start)
        memory = max(memory, self.server.memory)
        try await Task.sleep(for: .milliseconds(1))
      }
      return latencies
    }
    return Result(latencies: Percentiles(latencies), memory: memory)
  }
}
