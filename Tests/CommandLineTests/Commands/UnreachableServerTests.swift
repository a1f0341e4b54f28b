// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import SwarmCommands
import Synchronization
import Testing

@Suite("swarmctl without a server")
struct UnreachableServerTests {
  private static func run(_ arguments: [String], environment: [String: String] = [:]) async -> (
    code: Int32, output: String, errors: String
  ) {
    let texts = Mutex((output: "", errors: ""))
    let console = Console(
      output: { text in texts.withLock { $0.output += text } },
      errors: { text in texts.withLock { $0.errors += text } }
    )
    let code = await SwarmCommandLine.run(arguments, environment: environment, console: console) {
      EngineTime(seconds: 0, nanoseconds: 0)
    }
    return texts.withLock { (code, $0.output, $0.errors) }
  }

  @Test(
    "a node that isn't there is named",
    arguments: [["service", "ls"], ["node", "ls"], ["swarm", "init"], ["service", "create", "x"], ["info"], ["version"]]
  )
  func noSocket(arguments: [String]) async {
    let (code, output, errors) = await Self.run(["-H", "unix:///nonexistent/api.sock"] + arguments)
    #expect(code == 1)
    #expect(output.isEmpty)
    #expect(errors == "Cannot connect to the swarm node at unix:///nonexistent/api.sock. Is it running?\n")
  }

  @Test(
    "help is about what it is asked for, by flag and by word",
    arguments: [
      (["--help"], "swarmctl [-H URL] COMMAND"), (["-h"], "swarmctl [-H URL] COMMAND"), (["help"], "swarmctl [-H URL] COMMAND"),
      ([], "swarmctl [-H URL] COMMAND"), (["service"], "swarmctl service <subcommand>"),
      (["service", "--help"], "swarmctl service <subcommand>"), (["help", "service"], "swarmctl service <subcommand>"),
      (["service", "scale", "--help"], "swarmctl service scale"), (["help", "node", "ls"], "swarmctl node ls"),
    ]
  )
  func help(arguments: [String], usage: String) async {
    let (code, output, errors) = await Self.run(arguments)
    #expect(code == 0)
    #expect(output.contains("USAGE: \(usage)"), "\(output)")
    #expect(errors.isEmpty)
  }

  @Test("the node is chosen by flag, then SWARM_HOST, then DOCKER_HOST, then the default")
  func choice() async {
    let environment = [
      "SWARM_HOST": "unix:///nonexistent/s", "DOCKER_HOST": "unix:///nonexistent/d", "XDG_STATE_HOME": "/nonexistent/x",
    ]
    #expect(
      await Self.run(["--host=unix:///nonexistent/f", "info"], environment: environment).errors.contains("unix:///nonexistent/f.")
    )
    #expect(await Self.run(["info"], environment: environment).errors.contains("unix:///nonexistent/s."))
    #expect(
      await Self.run(["info"], environment: ["DOCKER_HOST": "unix:///nonexistent/d"]).errors.contains("unix:///nonexistent/d.")
    )
    #expect(await Self.run(["info"], environment: ["XDG_STATE_HOME": "/nonexistent/x"]).errors.contains("unix:///nonexistent/x/"))
  }

  @Test(
    "hosts that make no sense are refused",
    arguments: ["foo://x", "unix://relative", "tcp://x", "tcp://:1", "unix:///" + String(repeating: "x", count: 120)]
  )
  func badHosts(host: String) async {
    let (code, _, errors) = await Self.run(["-H", host, "info"])
    #expect(code == 1)
    #expect(!errors.isEmpty)
  }

  @Test("wrong flags are refused without looking for a server")
  func flagsFirst() async {
    let (code, _, errors) = await Self.run(["-H", "unix:///nonexistent/api.sock", "service", "create", "--replicas", "-1", "x"])
    #expect(code == 125)
    #expect(errors.contains("--replicas"))
    #expect(await Self.run(["-H"]).code == 125)
    #expect(await Self.run(["service", "scale", "web"]).code == 1)
    #expect(await Self.run(["bogus"]).code == 1)
  }

  @Test(
    "help needs no server",
    arguments: [["--help"], ["service", "--help"], ["service", "create", "--help"], [], ["service"]]
  )
  func help(arguments: [String]) async {
    let (code, output, errors) = await Self.run(arguments)
    #expect(code == 0)
    #expect(output.contains("swarmctl"))
    #expect(errors.isEmpty)
  }

  @Test("completion scripts know the commands and need no server", arguments: ["bash", "zsh", "fish"])
  func completion(shell: String) async {
    let (code, output, errors) = await Self.run(["-H", "unix:///nonexistent/api.sock", "completion", shell])
    #expect(code == 0)
    #expect(output.contains("stack") && output.contains("placement-pref"))
    #expect(errors.isEmpty)
    #expect(await Self.run(["completion", "tcsh"]).code == 1)
    #expect(await Self.run(["completion"]).code == 1)
  }
}
