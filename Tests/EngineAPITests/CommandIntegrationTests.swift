// SPDX-License-Identifier: Apache-2.0

import Swarm
import SwarmModel
import TestTraits
import Testing

@Suite("swarmctl where its words are docker's", .serialized, .takingTurns, .timeLimit(.minutes(2)))
struct CommandIntegrationTests {
  private static func done(_ server: RunningServer, _ arguments: [String]) async throws -> String {
    let result = await server.swarmctl(arguments)
    #expect(result.exitCode == 0, "\(arguments): \(result)")
    return result.output
  }

  @Test("a global job that is done is shown with what has completed, and wants nothing more")
  func globalJob() async throws {
    try await RunningManager.with { server, node in
      _ = try await Self.done(server, ["service", "create", "-q", "--mode", "global-job", "--name", "job", "brief"])
      let counts = try await node.services.statuses().values.first
      #expect(counts == ServiceStatus(running: 0, desired: 0, completed: 1))
      let shown = try await Self.done(server, ["service", "ls", "--format", "{{.Mode}} {{.Replicas}}"])
      #expect(shown == "global job 0/0 (1/1 completed)\n")
    }
  }

  @Test("a rollback can be rolled back, and is combined with nothing")
  func rollback() async throws {
    try await RunningManager.with { server, node in
      _ = try await Self.done(server, ["service", "create", "-d", "--name", "web", "--replicas", "0", "-l", "a=1", "ticker"])
      _ = try await Self.done(server, ["service", "update", "-d", "--label-add", "a=2", "web"])
      for value in ["1", "2", "1"] {
        _ = try await Self.done(server, ["service", "rollback", "-d", "web"])
        #expect(try await node.services.get("web").spec.annotations.labels == ["a": value])
      }
      _ = try await Self.done(server, ["service", "update", "-d", "--rollback", "web"])
      for flags in [["--image", "brief"], ["--label-add", "a=3"], ["--replicas", "2"], ["--force"]] {
        let refused = await server.swarmctl(["service", "update", "-d", "--rollback"] + flags + ["web"])
        #expect(refused.exitCode == 1 && refused.errors == "other flags may not be combined with --rollback\n", "\(refused)")
      }
    }
  }

  @Test("tasks of the node that is asked, and events by docker's names of their fields")
  func selfAndFields() async throws {
    try await RunningManager.with { server, node in
      _ = try await Self.done(server, ["service", "create", "-q", "--update-monitor", "1ms", "--name", "web", "ticker"])
      #expect(try await Self.done(server, ["service", "ps", "-f", "node=self", "--format", "{{.Name}}", "web"]) == "web.1\n")
      let events = ["events", "--since", "1m", "--until", "0s", "-f", "type=service", "-f", "event=create"]
      #expect(try await Self.done(server, events + ["--format", "{{.Scope}} {{.Action}}"]) == "swarm create\n")
    }
  }
}
