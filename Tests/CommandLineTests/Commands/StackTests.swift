// SPDX-License-Identifier: Apache-2.0

import Compose
import EngineSchema
import Foundation
import SwarmCommands
import Testing

@Suite("stacks")
struct StackTests {
  private static let text = """
    services:
      web:
        image: example/web:${TAG:-1}
        networks: [front, theirs]
        secrets: [key]
        configs: [conf]
        ports: ["80:80"]
        deploy: {replicas: 2}
      db: {image: example/db}
    networks:
      front: {}
      theirs: {external: true}
    secrets:
      key: {content: k}
    configs:
      conf: {content: c}
    """

  /// Writes a compose file for the length of a test.
  private static func withFile<Value>(_ text: String, _ body: (String) async throws -> Value) async throws -> Value {
    let path = "\(NSTemporaryDirectory())stack-\(UUID().uuidString).yml"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
  }

  @Test("a new stack is created, networks first and services last")
  func create() async throws {
    let engine = FakeEngine()
    engine.add("networks", .object(["Name": .string("theirs")]))
    try await Self.withFile(Self.text) { path in
      let deployed = try await engine.swarmctl(["stack", "deploy", "-c", path, "st"])
      #expect(deployed.code == 0, "\(deployed)")
      #expect(
        deployed.output == """
          Creating network st_default
          Creating network st_front
          Creating secret st_key
          Creating config st_conf
          Creating service st_db
          Creating service st_web

          """
      )
    }
    let web = try #require(engine.body("services", "st_web"))
    #expect(web["TaskTemplate"]?["ContainerSpec"]?["Secrets"]?.text.contains(#""SecretID":"s4","SecretName":"st_key""#) ?? false)
    #expect(web["TaskTemplate"]?["ContainerSpec"]?["Configs"]?.text.contains(#""ConfigID":"c5","ConfigName":"st_conf""#) ?? false)
    #expect(
      web["TaskTemplate"]?["Networks"]?.text
        == #"[{"Target":"st_front","Aliases":["web"]},{"Target":"theirs","Aliases":["web"]}]"#
    )
    #expect(engine.body("secrets", "st_key")?["Data"] == .string("aw=="))
  }

  @Test("a stack that is there is updated, and what it no longer has is pruned when that is asked for")
  func update() async throws {
    let engine = FakeEngine()
    engine.add("networks", .object(["Name": .string("theirs")]))
    try await Self.withFile(Self.text) { path in _ = try await engine.swarmctl(["stack", "deploy", "-c", path, "st"]) }
    try engine.change(service: "st_web") { spec in
      spec.taskTemplate?.containerSpec?.image = "example/web:1@sha256:abc"
      spec.taskTemplate?.forceUpdate = 3
    }
    let smaller = Self.text.replacing("  db: {image: example/db}\n", with: "")
    try await Self.withFile(smaller) { path in
      let again = try await engine.swarmctl(["stack", "deploy", "--prune", "--compose-file=\(path)", "--detach=true", "st"])
      #expect(again.code == 0, "\(again)")
      #expect(again.output == "Removing service st_db\nUpdating service st_web (id: s7)\n")
      let kept = engine.body("services", "st_web")?["TaskTemplate"]
      #expect(kept?["ContainerSpec"]?["Image"] == .string("example/web:1@sha256:abc"))
      #expect(kept?["ForceUpdate"] == .integer(3))
      _ = try await engine.swarmctl(["stack", "deploy", "-c", path, "st"], environment: ["TAG": "2"])
      #expect(engine.body("services", "st_web")?["TaskTemplate"]?["ContainerSpec"]?["Image"] == .string("example/web:2"))
    }
    #expect(engine.names("networks") == ["theirs", "st_default", "st_front"])
  }

  @Test("a config with credentials is referred to by its id")
  func credentials() async throws {
    let engine = FakeEngine()
    let text = "services: {a: {image: x, credential_spec: {config: c}}}\nconfigs: {c: {content: k}}"
    try await Self.withFile(text) { path in
      let deployed = try await engine.swarmctl(["stack", "deploy", "-c", path, "st"])
      #expect(deployed.code == 0, "\(deployed)")
    }
    let container = try #require(engine.body("services", "st_a")?["TaskTemplate"]?["ContainerSpec"])
    #expect(container["Privileges"]?.text == #"{"CredentialSpec":{"Config":"c2"}}"#)
    #expect(container["Configs"]?.text == #"[{"Runtime":{},"ConfigID":"c2","ConfigName":"st_c"}]"#)
  }

  @Test("stacks are listed with their services")
  func lists() async throws {
    let engine = FakeEngine()
    for stack in ["a", "b10", "b9"] {
      for service in 1...2 {
        engine.add(
          "services",
          .object(["Name": .string("\(stack)_\(service)"), "Labels": .object([Stack.namespaceLabel: .string(stack)])])
        )
      }
    }
    engine.add("services", .object(["Name": .string("other")]))
    let table = try await engine.swarmctl(["stack", "ls"])
    #expect(table.output == "NAME      SERVICES\na         2\nb9        2\nb10       2\n", "\(table)")
    try await #expect(engine.swarmctl(["stack", "ls", "--format", "{{.Name}}={{.Services}}"]).output == "a=2\nb9=2\nb10=2\n")
    try await #expect(engine.swarmctl(["stack", "services", "-q", "a"]).output == "s1\ns2\n")
    let none = try await engine.swarmctl(["stack", "services", "none"])
    #expect(none.code == 0)
    #expect(none.errors == "Nothing found in stack: none\n")
    let tasks = try await engine.swarmctl(["stack", "ps", "none"])
    #expect(tasks.code == 1)
    #expect(tasks.errors == "nothing found in stack: none\n")
  }

  @Test("a stack is removed with all that belongs to it, and nothing else")
  func remove() async throws {
    let engine = FakeEngine()
    engine.add("networks", .object(["Name": .string("theirs")]))
    try await Self.withFile(Self.text) { path in _ = try await engine.swarmctl(["stack", "deploy", "-c", path, "st"]) }
    let removed = try await engine.swarmctl(["stack", "rm", "--detach=false", "st"])
    #expect(removed.code == 0, "\(removed)")
    #expect(
      removed.output == """
        Removing service st_db
        Removing service st_web
        Removing secret st_key
        Removing config st_conf
        Removing network st_default
        Removing network st_front

        """
    )
    #expect(engine.names("networks") == ["theirs"])
    #expect(engine.names("services").isEmpty)
    let again = try await engine.swarmctl(["stack", "rm", "st"])
    #expect(again.code == 0)
    #expect(again.errors == "Nothing found in stack: st\n")
  }

  @Test("a server's refusal speaks for itself")
  func refusals() async throws {
    try await Self.withFile(Self.text) { path in
      let missing = try await FakeEngine().swarmctl(["stack", "deploy", "-c", path, "st"])
      #expect(missing.code == 1)
      #expect(missing.errors.contains("network \"theirs\" is declared as external, but could not be found"))
      let worker = try await FakeEngine(isManager: false).swarmctl(["stack", "deploy", "-c", path, "st"])
      #expect(worker.code == 1)
      #expect(worker.errors.contains("this node is not a swarm manager"))
      let local = FakeEngine()
      local.add("networks", .object(["Name": .string("theirs"), "Scope": .string("local")]))
      try await #expect(local.swarmctl(["stack", "deploy", "-c", path, "st"]).errors.contains("not in the right scope"))
    }
    try await Self.withFile("services: {a: {image: x, networks: [host]}}\nnetworks: {host: {external: true}}") { path in
      let engine = FakeEngine(missingKinds: ["networks", "secrets", "configs"])
      try await #expect(engine.swarmctl(["stack", "deploy", "-c", path, "st"]).code == 0)
      #expect(engine.names("services") == ["st_a"])
      try await #expect(engine.swarmctl(["stack", "rm", "st"]).code == 0)
    }
    try await Self.withFile("services: {a: {image: x}}") { path in
      let refused = try await FakeEngine(missingKinds: ["networks"]).swarmctl(["stack", "deploy", "-c", path, "st"])
      #expect(refused.code == 1)
      #expect(refused.errors == "Error response from daemon: networks are not available yet\n")
    }
  }

  @Test("files that make no sense are refused before anything is asked")
  func files() async throws {
    let engine = FakeEngine()
    let bare = try await engine.swarmctl(["stack", "deploy", "st"])
    #expect(bare.code == 1)
    #expect(bare.errors == "a compose file is needed\nFor example: swarmctl stack deploy st -c stack.yml\n")
    for arguments in [
      ["stack", "deploy", "-c", "/nonexistent.yml", "st"], ["stack", "config"],
      ["stack", "rm", "a b"],
    ] {
      let refused = try await engine.swarmctl(arguments)
      #expect(refused.code == 1)
      #expect(!refused.errors.isEmpty)
    }
    try await Self.withFile("services:\n  web:\n    imag: x\n") { path in
      let refused = try await engine.swarmctl(["stack", "deploy", "-c", path, "st"])
      #expect(refused.code == 1)
      #expect(refused.errors == "\(path):3:5: services.web: unknown key \"imag\"; did you mean \"image\"?\n")
    }
    #expect(engine.changes.isEmpty)
  }

  @Test("the merged files are printed without a server")
  func config() async throws {
    try await Self.withFile("services: {web: {image: '${I:-x}', build: .}}") { path in
      let printed = try await FakeEngine().swarmctl(["stack", "config", "-c", path, "-c", path])
      let bare = try await FakeEngine().swarmctl(["stack", "config", "--skip-interpolation=true", "-c", path])
      #expect(bare.output == "services:\n  web:\n    image: \"${I:-x}\"\n    build: .\n")
      #expect(printed.code == 0)
      #expect(printed.output == "services:\n  web:\n    image: x\n    build: .\n")
      #expect(printed.errors == "\(path):1:36: services.web.build is ignored in a swarm\n")
    }
  }
}
