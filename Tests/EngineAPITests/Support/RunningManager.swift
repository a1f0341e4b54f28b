// SPDX-License-Identifier: Apache-2.0

import Swarm
import SwarmAgent
import SwarmModel

/// A real manager behind a server of its own, with tasks that count.
enum RunningManager {
  private static var runtime: ClosureRuntime {
    ClosureRuntime(images: [
      "brief": { _ in },
      "ticker": { task in
        var number = 0
        while true {
          number += 1
          task.print("tick-\(number)")
          try await Task.sleep(for: .milliseconds(50))
        }
      },
    ])
  }

  /// Serves a manager of its own while `body` runs.
  static func with(_ body: @escaping @Sendable (RunningServer, SwarmNode) async throws -> Void) async throws {
    let directory = try TemporaryDirectory()
    var configuration = SwarmNodeConfiguration(stateDirectory: "\(directory.path)/state")
    configuration.listenAddress = NetworkAddress(host: "127.\(Int.random(in: 1...254)).77.\(Int.random(in: 1...254))", port: 0)
    configuration.hostname = "node1"
    configuration.logSegmentSize = 1 << 20
    let node = SwarmNode(configuration: configuration, runtime: Self.runtime, logger: RunningServer.logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await node.run() }
      defer { group.cancelAll() }
      try await node.initialize()
      try await RunningServer.with(node) { server in try await body(server, node) }
    }
  }

  /// Serves a worker while `body` runs, which gets the server, both nodes, and what ends the manager.
  static func withWorker(
    _ body: @escaping @Sendable (RunningServer, SwarmNode, SwarmNode, _ stopManager: () async -> Void) async throws -> Void
  ) async throws {
    try await self.with { _, manager in
      let directory = try TemporaryDirectory()
      var configuration = SwarmNodeConfiguration(stateDirectory: "\(directory.path)/state")
      configuration.listenAddress = NetworkAddress(host: "127.0.0.1", port: 0)
      configuration.hostname = "worker1"
      let worker = SwarmNode(configuration: configuration, runtime: Self.runtime, logger: RunningServer.logger)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await worker.run() }
        defer { group.cancelAll() }
        let address = try await manager.nodes.list().first?.managerStatus?.addr ?? ""
        let token = try await manager.cluster.get().rootCA.joinTokens.worker
        try await worker.join(JoinRequest(remoteAddresses: [address], token: token))
        try await RunningServer.with(worker) { server in
          try await body(server, manager, worker) {
            manager.shutdown()
            while (try? await manager.nodes.list()) != nil { try? await Task.sleep(for: .milliseconds(20)) }
          }
        }
      }
    }
  }
}
