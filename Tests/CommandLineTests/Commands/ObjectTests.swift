// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import Foundation
import SwarmCommands
import Testing

@Suite("secrets, configs and networks")
struct ObjectTests {
  @Test("a secret or a config is made from a file, listed, shown and removed", arguments: ["secret", "config"])
  func files(kind: String) async throws {
    let engine = FakeEngine()
    let path = "\(NSTemporaryDirectory())object-\(UUID().uuidString)"
    try Data([0, 255, 10]).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let created = try await engine.swarmctl([
      kind, "create", "-l", "a=b", "--label", "c", "--template-driver", "golang", "one", path,
    ])
    #expect(created.code == 0, "\(created)")
    #expect(created.output == "\(kind.prefix(1))1\n")
    #expect(
      engine.body("\(kind)s", "one")?.text
        == #"{"Name":"one","Labels":{"a":"b","c":""},"Data":"AP8K","Templating":{"Name":"golang"}}"#
    )
    _ = try await engine.swarmctl([kind, "create", "two", path])
    try await #expect(engine.swarmctl([kind, "ls", "-q"]).output == "\(kind.prefix(1))1\n\(kind.prefix(1))2\n")
    try await #expect(engine.swarmctl([kind, "ls", "--format", "{{.Name}}", "-f", "name=tw"]).output == "two\n")
    try await #expect(engine.swarmctl([kind, "ls"]).output.hasPrefix("ID        NAME"))
    try await #expect(engine.swarmctl([kind, "inspect", "-f", "{{.Spec.Name}}", "two"]).output == "two\n")
    let removed = try await engine.swarmctl([kind, "rm", "nope", "one", "two"])
    #expect(removed.code == 1)
    #expect(removed.output == "one\ntwo\n")
    #expect(removed.errors == "Error response from daemon: \(kind) nope not found\n")
    for wrong in [
      [kind, "create", "x"], [kind, "create", "x", "/nonexistent"], [kind, "rm"], [kind, "create", "a", "b", "c"],
    ] {
      try await #expect(engine.swarmctl(wrong).code == 1)
    }
  }

  @Test("a network is made as the flags say")
  func networks() async throws {
    let engine = FakeEngine()
    let created = try await engine.swarmctl([
      "network", "create", "--attachable", "--internal=true", "--subnet", "10.9.0.0/24", "--gateway", "10.9.0.1", "-o",
      "encrypted",
      "--label", "l=m", "net",
    ])
    #expect(created.code == 0, "\(created)")
    #expect(
      engine.body("networks", "net")?.text
        == #"{"Name":"net","CheckDuplicate":true,"Driver":"overlay","Scope":"","Attachable":true,"Internal":true,"Ingress":false,"#
        + #""EnableIPv6":false,"Options":{"encrypted":""},"Labels":{"l":"m"},"#
        + #""IPAM":{"Driver":"default","Config":[{"Subnet":"10.9.0.0/24","Gateway":"10.9.0.1"}]}}"#
    )
    let table = try await engine.swarmctl(["network", "ls"])
    #expect(table.output == "NETWORK ID   NAME      DRIVER    SCOPE\nn1           net                 swarm\n", "\(table)")
    try await #expect(engine.swarmctl(["network", "create", "--gateway", "1.1.1.1", "x"]).code == 1)
    try await #expect(engine.swarmctl(["network", "rm", "net"]).output == "net\n")
  }
}
