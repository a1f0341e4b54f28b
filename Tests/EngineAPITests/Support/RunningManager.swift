// SPDX-License-Identifier: Apache-2.0

import Swarm
import SwarmAgent
import SwarmModel

/// A real manager behind a server of its own, with tasks that count.
enum RunningManager {
  /// Serves a manager of its own while `body` runs.
  static func with(_ body: @escaping @Sendable (RunningServer, SwarmNode) async throws -> Void) async throws {
    let directory = try TemporaryDirectory()
    var configuration = SwarmNodeConfiguration(stateDirectory: "\(directory.path)/state")
    configuration.listenAddress = NetworkAddress(host: "127.\(Int.random(in: 1...254)).77.\(Int.random(in: 1...254))", port: 0)
    configuration.hostname = "node1"
    configuration.logSegmentSize = 1 << 20
    let runtime = ClosureRuntime(images: [
      "ticker": { task in
        var number = 0
        while true {
          number += 1
          task.print("tick-\(number)")
          try await Task.sleep(for: .milliseconds(50))
        }
      }
    ])
    let node = SwarmNode(configuration: configuration, runtime: runtime, logger: RunningServer.logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await node.run() }
      defer { group.cancelAll() }
      try await node.initialize()
      try await RunningServer.with(node) { server in try await body(server, node) }
    }
  }
}
