// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProcessCluster
import TestTraits
import Testing

/// Whatever is wrong is answered soon, in one clear sentence, with the right exit code, and changes nothing.
@Suite("Wrong input", .serialized, .takingTurns)
struct WrongInputTests {
  /// A token of no swarm.
  static let token = "SWMTKN-1-\(String(repeating: "0", count: 50))-\(String(repeating: "0", count: 25))"

  @Test(
    "flags that can't be meant are refused with code 64 and one line",
    arguments: [
      (["--bogus"], "--bogus"),
      (["--listen-addr", "0.0.0.0:2377"], "--advertise-addr"),
      (["--listen-addr", "nonsense"], "nonsense"),
      (["--join", "10.1.2.3:2377"], "--token"),
      (["--join", "10.1.2.3:2377", "--token", "a", "--token-file", "b"], "--token-file"),
      (["--election-timeout", "soon"], "soon"),
      (["--election-timeout", "10ms", "--heartbeat", "100ms"], "--heartbeat"),
      (["--runtime", "docker=tcp://127.0.0.1:2375"], "docker=tcp://127.0.0.1:2375"),
      (["--idle", "--join", "127.0.0.1:1", "--token", "t"], "--idle"),
      (["--availability", "maybe"], "maybe"),
      (["--api", "tcp://127.0.0.1:0", "--api-tls-ca", "ca.pem"], "--api-tls-key"),
      (["--api-tls-ca", "ca.pem", "--api-tls-cert", "cert.pem", "--api-tls-key", "key.pem"], "tcp://"),
    ]
  )
  func flags(arguments: [String], word: String) async throws {
    let outcome = try await Programs.run("swarm-manager", arguments)
    #expect(outcome.code == 64)
    #expect(outcome.output == "")
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    #expect(outcome.errors.contains(word), "\(outcome.errors)")
  }

  @Test("a state directory in use, damaged or empty is refused by name with code 1")
  func stateDirectory() async throws {
    let playground = try Playground()
    defer { playground.remove() }
    let node = try await NodeProcess.start(playground.launch(.manager, "m1", flags: ["--runtime", "none"]))
    let inUse = try await Programs.run("swarm-manager", ["--state-dir", node.launch.directory])
    #expect(inUse.code == 1)
    #expect(inUse.errors.contains(node.launch.directory) && inUse.errors.contains("in use"), "\(inUse.errors)")
    #expect(try await node.terminate() == 0)

    let identity = "\(node.launch.directory)/identity"
    try Data("garbage".utf8).write(to: URL(filePath: identity))
    let damaged = try await Programs.run("swarm-manager", ["--state-dir", node.launch.directory])
    #expect(damaged.code == 1)
    #expect(damaged.errors.contains(identity) && damaged.errors.contains("damaged"), "\(damaged.errors)")
    #expect(try String(contentsOfFile: identity, encoding: .utf8) == "garbage")

    let empty = try await Programs.run("swarm-worker", ["--state-dir", "\(playground.path)/w1"])
    #expect(empty.code == 1)
    #expect(empty.errors.contains("--join"), "\(empty.errors)")
  }

  @Test("a Docker Engine that isn't there ends the node with code 1, and is named")
  func noEngine() async throws {
    let playground = try Playground()
    defer { playground.remove() }
    let outcome = try await Programs.run(
      "swarm-manager",
      ["--state-dir", "\(playground.path)/m1", "--listen-addr", "127.0.0.1:0", "--runtime", "docker=unix:///nonexistent/d.sock"]
    )
    #expect(outcome.code == 1)
    #expect(outcome.errors.contains("the Docker Engine at /nonexistent/d.sock can't be reached"), "\(outcome.errors)")
  }

  @Test("joining where nobody listens ends with code 1 within ten seconds")
  func nobodyListens() async throws {
    let playground = try Playground()
    defer { playground.remove() }
    let began = ContinuousClock.now
    let outcome = try await Programs.run(
      "swarm-worker",
      ["--state-dir", "\(playground.path)/w1", "--listen-addr", "127.0.0.1:0", "--join", "127.0.0.1:1", "--token", Self.token]
    )
    #expect(outcome.code == 1)
    #expect(outcome.errors.contains("127.0.0.1:1"), "\(outcome.errors)")
    #expect(ContinuousClock.now - began < .seconds(12))
  }

  @Test("swarmctl refuses what doesn't exist, exists already or makes no sense")
  func commandLine() async throws {
    let playground = try Playground()
    defer { playground.remove() }
    let node = try await NodeProcess.start(playground.launch(.manager, "m1", flags: ["--runtime", "none"]))
    let host = ["-H", "unix://\(node.socket)"]
    func swarmctl(_ arguments: [String]) async throws -> Programs.Outcome {
      try await Programs.run("swarmctl", host + arguments)
    }
    let created = try await swarmctl(["service", "create", "--detach", "--name", "web", "--replicas", "0", "test", "true"])
    #expect(created.code == 0, "\(created.errors)")
    for (arguments, code, word) in [
      (["service", "create", "--detach", "--name", "web", "test", "true"], 1, "already exists"),
      (["service", "create", "--detach", "--name", "x", "--replicas", "-1", "test", "true"], 125, "replicas"),
      (["service", "inspect", "nope"], 1, "nope"),
      (["service", "rm", "nope"], 1, "nope"),
      (["service", "scale", "--detach", "nope=2"], 1, "nope"),
      (["service", "create", "--bogus"], 125, "--bogus"),
      (["node", "update", "--availability", "bogus", "m1"], 1, "bogus"),
      (["swarm", "init"], 1, "already part of a swarm"),
    ] {
      let outcome = try await swarmctl(arguments)
      #expect(outcome.code == Int32(code), "\(arguments): \(outcome.code) \(outcome.errors)")
      #expect(outcome.errors.contains(word), "\(arguments): \(outcome.errors)")
    }
    let listed = try await swarmctl(["service", "ls", "-q"])
    #expect(listed.output.split(separator: "\n").count == 1)
    #expect(try await node.terminate() == 0)

    let gone = try await swarmctl(["node", "ls"])
    #expect(gone.code == 1)
    #expect(gone.errors.contains(node.socket), "\(gone.errors)")
  }

  @Test("without a quorum a write is refused within ten seconds and changes nothing")
  func noQuorum() async throws {
    let playground = try Playground()
    defer { playground.remove() }
    let flags = ["--runtime", "none"]
    let first = try await NodeProcess.start(playground.launch(.manager, "m1", flags: flags))
    let second = try await NodeProcess.start(playground.launch(.manager, "m2", seed: first.seed(for: .manager), flags: flags))
    let third = try await NodeProcess.start(playground.launch(.manager, "m3", seed: first.seed(for: .manager), flags: flags))
    try await second.killAtOnce()
    try await third.killAtOnce()
    let began = ContinuousClock.now
    let outcome = try await Programs.run(
      "swarmctl",
      ["-H", "unix://\(first.socket)", "service", "create", "--detach", "--name", "web", "test", "true"]
    )
    #expect(outcome.code == 1)
    #expect(outcome.errors.contains("leader") || outcome.errors.contains("quorum"), "\(outcome.errors)")
    #expect(ContinuousClock.now - began < .seconds(12))
    try await first.killAtOnce()
  }
}
