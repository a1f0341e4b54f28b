// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProcessCluster
import TestTraits
import Testing

/// Plants strings that occur nowhere else as everything that is secret, lets a swarm live through all that it can, and looks for them.
@Suite("Canaries", .serialized, .takingTurns, .timeLimit(.minutes(4)))
struct CanaryTests {
  /// Something secret, and every form in which it could show.
  struct Canary {
    var name: String
    var forms: [Data]

    init(_ name: String, text: String) {
      self.name = name
      self.forms = [Data(text.utf8), Data(Data(text.utf8).base64EncodedString().utf8)]
    }

    init(_ name: String, bytes: Data) {
      self.name = name
      let hexadecimal = bytes.map { String(format: "%02x", $0) }.joined()
      self.forms = [bytes, Data(bytes.base64EncodedString().utf8), Data(hexadecimal.utf8)]
    }

    func isIn(_ data: Data) -> Bool { self.forms.contains { data.range(of: $0) != nil } }
  }

  @Test("secrets, tokens and keys are found where they belong, and nowhere else")
  func everything() async throws {
    let playground = try Playground()
    defer { playground.remove() }
    let value = "canary-of-a-secret-\(UInt64.random(in: 0 ... .max))"
    var canaries = [Canary("secret", text: value)]

    let verbose = ["--log-level", "trace"]
    let first = try await NodeProcess.start(playground.launch(.manager, "m1", flags: verbose + ["--runtime", "none"]))
    let shell = Shell(client: "swarmctl", node: first)
    let (certificate, key) = try await OpenSSL.authority(in: playground.path)
    let body = try String(contentsOfFile: key, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
    let der = try #require(Data(base64Encoded: body))
    // PKCS #8 of P-256: the private number is 32 bytes behind a header of 36.
    canaries.append(Canary("root key", bytes: der[36..<68]))
    canaries.append(Canary("root key, PEM", text: String(body.prefix(64))))
    try await shell("swarm", "ca", "--rotate", "--ca-cert", certificate, "--ca-key", key)
    try FileManager.default.removeItem(atPath: key)
    for role in ["worker", "manager"] {
      let token = try await shell("swarm", "join-token", "-q", role).output.trimmingCharacters(in: .newlines)
      canaries.append(Canary("\(role) token", text: String(token.suffix(25))))
    }
    let second = try await NodeProcess.start(
      playground.launch(.manager, "m2", seed: first.seed(for: .manager), flags: verbose + ["--runtime", "none"])
    )
    let worker = try await NodeProcess.start(playground.launch(.worker, "w1", seed: first.seed(for: .worker), flags: verbose))
    try await shell("swarm", "update", "--autolock")
    try await shell("swarm", "unlock-key", "--rotate")
    let unlock = try await shell("swarm", "unlock-key", "-q").output.trimmingCharacters(in: .newlines)
    canaries.append(Canary("unlock key", text: String(unlock.dropFirst("SWMKEY-1-".count))))
    canaries.append(Canary("unlock key, bytes", bytes: try #require(Data(base64Encoded: unlock.dropFirst(9) + "="))))

    try await shell("secret", "create", "s1", "-", input: value)
    let stack = """
      services:
        web:
          image: test
          command: [sleep, "1000"]
          secrets: [s1]
          configs: [c1]
          deploy: {replicas: 2}
      secrets:
        s1: {external: true}
      configs:
        c1: {content: nothing secret}
      """
    try Data(stack.utf8).write(to: URL(filePath: "\(playground.path)/stack.yml"))
    try await shell("stack", "deploy", "--detach", "-c", "\(playground.path)/stack.yml", "st")
    try await shell.waiting("service", "ls") { $0.contains("2/2") }
    // What isn't secret lies beside it, by the short form's name.
    let configs = try Self.files(below: playground.path).filter { $0.hasSuffix("/configs/c1") }
    #expect(configs.count == 2, "\(configs)")
    try await shell("node", "promote", "w1")
    try await shell.waiting("node", "ls") { $0.components(separatedBy: "Reachable").count == 3 }
    try await shell("node", "demote", "m2")
    try await shell.waiting("node", "ls") { $0.components(separatedBy: "Reachable").count == 2 }
    try await shell("service", "update", "--detach", "--force", "st_web")
    try await shell.waiting("service", "ls") { $0.contains("2/2") }
    // A wrong token and a wrong key are told of in logs as well, without themselves.
    _ = try await shell.run("swarm", "unlock", input: unlock)

    let nodes = [first, second, worker]
    for canary in canaries {
      let files = try Self.files(below: playground.path).filter { canary.isIn(try Data(contentsOf: URL(filePath: $0))) }
      switch canary.name {
      case "secret":
        #expect(files.allSatisfy { $0.contains("/w1/agent/") && $0.contains("/secrets/") }, "\(files)")
        #expect(files.count >= 2, "it isn't even where it belongs")
      default: #expect(files == [], "\(canary.name)")
      }
      for node in nodes {
        for process in try Self.processes(of: node) {
          for part in ["cmdline", "environ"] {
            guard let bytes = FileManager.default.contents(atPath: "/proc/\(process)/\(part)") else { continue }
            #expect(!canary.isIn(bytes), "\(canary.name): \(part) of \(process)")
          }
        }
      }
      for path in ["swarm", "info", "nodes", "services", "tasks", "secrets", "secrets/s1", "configs", "networks", "version"] {
        let answer = try await ManagerAPI(first).raw("/\(path)")
        let belongs = path == "swarm" && canary.name.hasSuffix("token")
        #expect(canary.isIn(Data(answer)) == belongs, "\(canary.name): GET /\(path)")
      }
    }
    for node in nodes { #expect(try await node.terminate() == 0) }
    // What only a running task needs is gone with it.
    let left = try Self.files(below: playground.path).filter { canaries[0].isIn(try Data(contentsOf: URL(filePath: $0))) }
    #expect(left == [])
  }

  /// Every file below a directory, links aside.
  private static func files(below directory: String) throws -> [String] {
    let paths = FileManager.default.enumerator(atPath: directory)?.compactMap { $0 as? String } ?? []
    return paths.map { "\(directory)/\($0)" }.filter {
      (try? FileManager.default.attributesOfItem(atPath: $0)[.type] as? FileAttributeType) == .typeRegular
    }
  }

  /// A node's process and everything that was started below its directory.
  private static func processes(of node: NodeProcess) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { name in
      guard name.allSatisfy(\.isNumber) else { return false }
      if name == String(node.pid) { return true }
      let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(name)/cwd")
      return link?.hasPrefix(node.launch.directory) ?? false
    }
  }
}
