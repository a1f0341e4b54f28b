// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProcessCluster
import TestTraits
import Testing

/// Roles, locks and root certificates, driven through the API by a command line.
@Suite("Commands about identity", .serialized, .takingTurns, .timeLimit(.minutes(4)))
struct IdentityCommandTests {
  /// Docker's own command line, where there is one, and ours.
  static let clients =
    ["swarmctl"] + ["/usr/local/bin/docker", "/usr/bin/docker"].filter(FileManager.default.isExecutableFile).prefix(1)

  @Test("nodes are promoted and demoted", arguments: clients)
  func roles(client: String) async throws {
    let playground = try Playground()
    defer { playground.remove() }
    let first = try await NodeProcess.start(playground.launch(.manager, "m1", flags: ["--runtime", "none"]))
    let worker = try await NodeProcess.start(playground.launch(.worker, "w1", seed: first.seed(for: .worker)))
    let shell = Shell(client: client, node: first)
    try await shell("service", "create", "--detach", "--name", "web", "--replicas", "2", "test", "sleep", "1000")
    let tasks = try await shell.waiting("service", "ps", "-q", "web") { $0.split(separator: "\n").count == 2 }
    try await shell.waiting("service", "ls") { $0.contains("2/2") }

    #expect(try await shell("node", "promote", "w1").output == "Node w1 promoted to a manager in the swarm.\n")
    try await shell.waiting("node", "ls") { $0.contains("Reachable") }
    #expect(try await shell("node", "promote", "w1").output.contains("already a manager"))
    // The leader goes, and the other one has to do it.
    let other = Shell(client: client, node: worker)
    try await other.waiting("info", "--format", "{{.Swarm.ControlAvailable}}") { $0 == "true\n" }
    #expect(try await other("node", "demote", "m1").output == "Manager m1 demoted in the swarm.\n")
    try await other.waiting("node", "ls") { !$0.contains("Reachable") && $0.contains("Leader") }
    try await shell.waiting("info", "--format", "{{.Swarm.ControlAvailable}}") { $0 == "false\n" }
    let last = try await other.run("node", "demote", "w1")
    #expect(last.code == 1)
    #expect(last.errors.contains("attempting to demote the last manager of the swarm"), "\(last.errors)")
    let asked = try await shell.run("node", "ls")
    #expect(asked.errors.contains("This node is not a swarm manager. Worker nodes can't be used"), "\(asked.errors)")
    #expect(try await other("service", "ps", "-q", "web").output == tasks.output)
    for node in [first, worker] { #expect(try await node.terminate() == 0) }
  }

  @Test("managers are locked and unlocked", arguments: clients)
  func locks(client: String) async throws {
    let playground = try Playground()
    defer { playground.remove() }
    let idle = try playground.launch(.manager, "m1", flags: ["--runtime", "none", "--idle"])
    var node = try await NodeProcess.start(idle)
    var shell = Shell(client: client, node: node)
    let made = try await shell("swarm", "init", "--autolock")
    let key = try await shell("swarm", "unlock-key", "-q").output.trimmingCharacters(in: .newlines)
    #expect(key.hasPrefix("SWMKEY-1-") && made.output.contains(key))
    let early = try await shell.run("swarm", "unlock", input: key)
    #expect(early.code == 1 && early.errors.contains("swarm is not locked"), "\(early.errors)")
    // The file's sixth byte says whether it is sealed.
    let keys = URL(filePath: "\(node.launch.directory)/certificates/swarm-node.key")
    while try Data(contentsOf: keys)[5] == 0 { await Task.yield() }
    let sealed = try Data(contentsOf: keys)
    let rotated = try await shell("swarm", "unlock-key", "--rotate")
    #expect(rotated.output.contains("Successfully rotated manager unlock key."))
    let next = try await shell("swarm", "unlock-key", "-q").output.trimmingCharacters(in: .newlines)
    #expect(next != key)
    while try Data(contentsOf: keys) == sealed { await Task.yield() }
    #expect(try await node.terminate() == 0)

    node = try await NodeProcess.start(idle)
    shell = Shell(client: client, node: node)
    #expect(try await shell("info", "--format", "{{.Swarm.LocalNodeState}}").output == "locked\n")
    let locked = try await shell.run("node", "ls")
    #expect(
      locked.errors.contains(
        "Swarm is encrypted and needs to be unlocked before it can be used. Please use \"docker swarm unlock\" to unlock it."
      ),
      "\(locked.errors)"
    )
    let old = try await shell.run("swarm", "unlock", input: "\(key)\n")
    #expect(old.code == 1 && old.errors.contains("invalid key provided"), "\(old.errors)")
    try await shell("swarm", "unlock", input: "\(next)\n")
    try await shell.waiting("node", "ls") { $0.contains("Leader") }
    try await shell("swarm", "update", "--autolock=false")
    let none = try await shell.run("swarm", "unlock-key")
    #expect(none.errors.contains("no unlock key is set"), "\(none.errors)")
    #expect(try await node.terminate() == 0)
  }

  @Test("the root certificate is shown and replaced", arguments: clients)
  func roots(client: String) async throws {
    let playground = try Playground()
    defer { playground.remove() }
    let first = try await NodeProcess.start(playground.launch(.manager, "m1", flags: ["--runtime", "none"]))
    let worker = try await NodeProcess.start(playground.launch(.worker, "w1", seed: first.seed(for: .worker)))
    let shell = Shell(client: client, node: first)
    let token = try await shell("swarm", "join-token", "-q", "worker").output
    let before = try await shell("swarm", "ca").output
    #expect(before.hasPrefix("-----BEGIN CERTIFICATE-----"))
    let output = try await shell("swarm", "ca", "--rotate").output
    let after = try await shell("swarm", "ca").output
    #expect(after != before && output.contains(after.trimmingCharacters(in: .newlines)))
    #expect(try await shell("swarm", "join-token", "-q", "worker").output != token)
    let external = try await shell.run("swarm", "ca", "--rotate", "--external-ca", "protocol=cfssl,url=https://ca.example")
    #expect(external.code != 0 && external.errors.contains("external"), "\(external.errors)")

    // One of the operator's own.
    let (certificate, secret) = try await OpenSSL.authority(in: playground.path)
    try await shell("swarm", "ca", "--rotate", "--ca-cert", certificate, "--ca-key", secret)
    #expect(try await shell("swarm", "ca").output == String(contentsOfFile: certificate, encoding: .utf8))
    for node in [first, worker] { #expect(try await node.terminate() == 0) }
  }

  @Test("a swarm without a quorum is started over", arguments: clients)
  func startingOver(client: String) async throws {
    let playground = try Playground()
    defer { playground.remove() }
    let flags = ["--runtime", "none"]
    let first = try await NodeProcess.start(playground.launch(.manager, "m1", flags: flags))
    let second = try await NodeProcess.start(playground.launch(.manager, "m2", seed: first.seed(for: .manager), flags: flags))
    let shell = Shell(client: client, node: first)
    try await shell("service", "create", "--detach", "--name", "web", "--replicas", "0", "test", "true")
    try await shell.waiting("node", "ls") { $0.contains("Reachable") }
    try await second.killAtOnce()
    try await shell("swarm", "init", "--force-new-cluster")
    #expect(try await shell("service", "ls").output.contains("web"))
    #expect(try await shell("info", "--format", "{{.Swarm.Managers}}").output == "1\n")
    try await shell("node", "rm", "--force", "m2")
    #expect(try await first.terminate() == 0)
  }

  @Test("a node's memory ends up in no core dump, and no debugger of its user reads it")
  func memory() async throws {
    let playground = try Playground()
    defer { playground.remove() }
    var launch = try playground.launch(.manager, "m1", flags: ["--runtime", "none"])
    if geteuid() == 0 {
      // Of root's processes it can't be told: this one is nobody's.
      let nobody = 65_534
      let script = "\(playground.path)/nobody"
      let command = "#!/bin/sh\nexec setpriv --reuid \(nobody) --regid \(nobody) --clear-groups \(launch.executable) \"$@\"\n"
      // Written by another process: a file that this one has open for writing may be in the hands of whatever is being started meanwhile, and
      // then can't be executed.
      let written = try await Programs.run("/bin/sh", ["-c", "cat > \(script) && chmod 755 \(script)"], input: command)
      #expect(written.code == 0, "\(written.errors)")
      try FileManager.default.createDirectory(atPath: launch.directory, withIntermediateDirectories: true)
      try FileManager.default.setAttributes([.ownerAccountID: nobody, .posixPermissions: 0o700], ofItemAtPath: launch.directory)
      launch.executable = script
    }
    let node = try await NodeProcess.start(launch)
    // The system gives what isn't dumpable to root.
    let owner = try FileManager.default.attributesOfItem(atPath: "/proc/\(node.pid)/environ")[.ownerAccountID] as? NSNumber
    #expect(owner == 0)
    let limits = try String(contentsOfFile: "/proc/\(node.pid)/limits", encoding: .utf8).split(separator: "\n")
    let cores = limits.first { $0.hasPrefix("Max core file size") }?.split(separator: " ").dropFirst(4).prefix(2)
    #expect(cores == ["0", "0"])
    #expect(try await node.terminate() == 0)
  }
}

/// A command line at a node.
struct Shell: Sendable {
  let client: String
  let node: NodeProcess

  /// Runs a command.
  func run(_ arguments: String..., input: String = "") async throws -> Programs.Outcome {
    try await Programs.run(self.client, ["-H", "unix://\(self.node.socket)"] + arguments, input: input)
  }

  /// Runs a command that must succeed.
  @discardableResult
  func callAsFunction(_ arguments: String..., input: String = "") async throws -> Programs.Outcome {
    try await self.succeeding(arguments, input)
  }

  /// Runs a command again and again until it prints what it should.
  @discardableResult
  func waiting(_ arguments: String..., until isDone: (String) -> Bool) async throws -> Programs.Outcome {
    while true {
      let outcome = try await self.succeeding(arguments, "")
      if isDone(outcome.output) { return outcome }
    }
  }

  private func succeeding(_ arguments: [String], _ input: String) async throws -> Programs.Outcome {
    let outcome = try await Programs.run(self.client, ["-H", "unix://\(self.node.socket)"] + arguments, input: input)
    guard outcome.code == 0 else {
      throw NodeFailure("\(self.client) \(arguments.joined(separator: " ")): \(outcome.code) \(outcome.errors)")
    }
    return outcome
  }
}

/// Root certificates of operators.
enum OpenSSL {
  /// Makes a root certificate and its key; returns their files.
  static func authority(in directory: String) async throws -> (certificate: String, key: String) {
    let (certificate, key) = ("\(directory)/own.crt", "\(directory)/own.key")
    let made = try await Programs.run(
      "/usr/bin/openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3650", "-subj",
        "/CN=own-ca", "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
        "-keyout", key, "-out", certificate,
      ]
    )
    guard made.code == 0 else { throw NodeFailure("openssl: \(made.errors)") }
    return (certificate, key)
  }
}
