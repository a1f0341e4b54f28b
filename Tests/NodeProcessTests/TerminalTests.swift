// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProcessCluster
import TestTraits
import Testing

private let script = "/usr/bin/script"

/// `swarmctl` at a terminal of the operating system, which the program `script` makes.
@Suite(
  "swarmctl at a terminal",
  .serialized,
  .takingTurns,
  .timeLimit(.minutes(2)),
  .enabled(if: FileManager.default.isExecutableFile(atPath: script), "there is no \(script)")
)
struct TerminalTests {
  /// Types into a terminal of 33 lines and 101 columns in which `swarmctl` runs.
  private static func type(_ input: String, into arguments: String, of node: NodeProcess) async throws -> Programs.Outcome {
    let swarmctl = try Programs.path("swarmctl")
    let command = "stty rows 33 cols 101; exec \(swarmctl) -H unix://\(node.socket) \(arguments)"
    return try await Programs.run(script, ["-qec", command, "/dev/null"], input: input)
  }

  @Test("a command in a task has the terminal, its size and its keys, and its exit code comes back; top ends with a key")
  func terminal() async throws {
    let playground = try Playground()
    defer { playground.remove() }
    let node = try await NodeProcess.start(playground.launch(.manager, "m1"))
    let shell = Shell(client: "swarmctl", node: node)
    try await shell("service", "create", "-q", "--name", "web", "example/web", "sleep", "1000")
    let task = try await shell("service", "ps", "-q", "web").output.trimmingCharacters(in: .newlines)

    let exec = try await Self.type("stty size; test -t 1 && echo $((6 * 7))\nexit 5\n", into: "exec -it \(task) sh", of: node)
    #expect(exec.code == 5, "\(exec)")
    #expect(exec.output.contains("33 101\r\n42\r\n"), "\(exec)")

    let top = try await Self.type("q", into: "top", of: node)
    #expect(top.code == 0, "\(top)")
    #expect(top.output.contains("REPLICAS") && top.output.contains("web "), "\(top)")
    #expect(try await node.terminate() == 0)
  }
}
