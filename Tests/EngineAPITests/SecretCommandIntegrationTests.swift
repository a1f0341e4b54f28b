// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import Foundation
import Swarm
import SwarmModel
import Testing

@Suite("swarmctl secret, config and network")
struct SecretCommandIntegrationTests {
  @Test("secrets and configs are made from files, listed, inspected and removed", arguments: ["secret", "config"])
  func lifecycle(noun: String) async throws {
    try await RunningServer.with(ScriptedSwarm.active()) { server in
      let directory = try TemporaryDirectory()
      let file = "\(directory.path)/payload"
      try Data("hunter2".utf8).write(to: URL(fileURLWithPath: file))
      let made = await server.swarmctl([noun, "create", "-l", "a=b", "one", file])
      #expect(made.exitCode == 0, "\(made.errors)")
      let id = made.output.trimmingCharacters(in: .newlines)
      #expect(id.count == 25)
      let listed = await server.swarmctl([noun, "ls", "--format", "{{.ID}} {{.Name}}"])
      #expect(listed.output == "\(id) one\n")
      let heading = await server.swarmctl([noun, "ls"]).output
      #expect(heading.hasPrefix("ID"))
      #expect(
        await server.swarmctl([noun, "inspect", "--format", "{{.Spec.Name}} {{.Spec.Labels.a}}", "one"]).output == "one b\n"
      )
      #expect(await server.swarmctl([noun, "rm", "one"]).output == "one\n")
      let gone = await server.swarmctl([noun, "rm", "one"])
      #expect(gone.exitCode == 1)
      #expect(gone.errors.contains("\(noun) one not found"))
      #expect(await server.swarmctl([noun, "create", "two", "/nowhere/at/all"]).exitCode == 1)
      #expect(await server.swarmctl([noun, "create", "two"]).exitCode == 1)
    }
  }

  @Test("networks are made, listed and removed")
  func networks() async throws {
    try await RunningServer.with(ScriptedSwarm.active()) { server in
      let made = await server.swarmctl(["network", "create", "--attachable", "front"])
      #expect(made.exitCode == 0, "\(made.errors)")
      #expect(made.errors.contains("no overlay runs yet"))
      let listed = await server.swarmctl(["network", "ls", "--format", "{{.Name}} {{.Driver}} {{.Scope}}"]).output
      #expect(listed == "bridge bridge local\nfront overlay swarm\nhost host local\nnone null local\n")
      #expect(await server.swarmctl(["network", "rm", "front"]).output == "front\n")
      #expect(await server.swarmctl(["network", "ls", "-q", "--filter", "scope=swarm"]).output == "")
    }
  }
}
