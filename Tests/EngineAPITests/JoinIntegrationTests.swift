// SPDX-License-Identifier: Apache-2.0

import Swarm
import SwarmAgent
import SwarmModel
import TestTraits
import Testing

@Suite("joining over the API", .serialized, .takingTurns, .timeLimit(.minutes(2)))
struct JoinIntegrationTests {
  @Test("who is in a swarm hears that first, whatever the token")
  func alreadyJoined() async throws {
    try await RunningManager.with { server, _ in
      let answer = try await server.request("POST", "/swarm/join", body: #"{"RemoteAddrs":["127.0.0.1:1"],"JoinToken":"x"}"#)
      #expect(answer.status == 503 && answer.message?.hasPrefix("This node is already part of a swarm.") == true, "\(answer)")
    }
  }

  @Test("a token of another swarm and managers that don't answer are refused in Docker's words")
  func refusals() async throws {
    try await RunningManager.with { _, manager in
      let address = try #require(try await manager.nodes.list().first?.managerStatus?.addr)
      let directory = try TemporaryDirectory()
      var configuration = SwarmNodeConfiguration(stateDirectory: "\(directory.path)/state")
      configuration.requestTimeout = .milliseconds(200)
      let node = SwarmNode(configuration: configuration, runtime: ClosureRuntime(images: [:]), logger: RunningServer.logger)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await node.run() }
        defer { group.cancelAll() }
        try await RunningServer.with(node) { server in
          func join(_ address: String) async throws -> RunningServer.Answer {
            let body = #"{"RemoteAddrs":["\#(address)"],"JoinToken":"\#(ScriptedSwarm.tokens.worker)"}"#
            return try await server.request("POST", "/swarm/join", body: body)
          }
          let other = try await join(address)
          #expect(other.status == 500, "\(other)")
          let digest = String(repeating: "0", count: 64)
          #expect(other.message == "remote CA does not match fingerprint. Expected: \(digest)")
          let silent = try await join("127.0.0.1:1")
          #expect(silent.status == 503, "\(silent)")
          #expect(silent.message?.hasPrefix("Timeout was reached before node joined. ") == true, "\(silent)")
        }
      }
    }
  }
}
