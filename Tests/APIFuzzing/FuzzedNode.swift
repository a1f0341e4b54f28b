// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
internal import Foundation
package import Logging
package import Swarm
internal import SwarmAgent
internal import SwarmModel

/// A real manager with tasks in this process, and its API without a server.
package enum FuzzedNode {
  /// Runs `body` with the API of a manager in a swarm of its own.
  package static func with<Value: Sendable>(
    logLevel: Logger.Level = .critical,
    _ body: @escaping @Sendable (EngineAPIResponder<FuzzContext>, SwarmNode) async throws -> Value
  ) async throws -> Value {
    let directory = "\(NSTemporaryDirectory())api-fuzz-\(UUID().uuidString.prefix(13))"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    var configuration = SwarmNodeConfiguration(stateDirectory: directory)
    configuration.listenAddress = NetworkAddress(host: "127.0.0.1", port: 0)
    configuration.hostname = "n0"
    configuration.logSegmentSize = 1 << 20
    // What is remembered of the past is soon as much as it ever will be: then memory that grows is a leak.
    configuration.eventHistory = 256
    configuration.trailingLogEntries = 256
    configuration.logTailBytes = 64 << 10
    var logger = Logger(label: "fuzzed")
    logger.logLevel = logLevel
    let runtime = ClosureRuntime(images: [
      "brief": { _ in },
      "ticker": { task in
        for number in 0... {
          task.print("tick \(number)")
          try await Task.sleep(for: .seconds(1))
        }
      },
    ])
    let node = SwarmNode(configuration: configuration, runtime: runtime, logger: logger)
    let responder = EngineAPIResponder<FuzzContext>(node: node, logger: logger)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await node.run() }
      defer { group.cancelAll() }
      try await node.initialize()
      group.addTask { await responder.run() }
      return try await body(responder, node)
    }
  }
}
