// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import SwarmCommands
import Synchronization
import Testing

@Suite("networks")
struct NetworkCommandTests {
  /// What `network create` with these flags sends.
  private static func body(_ arguments: [String]) async throws -> String {
    let engine = FakeEngine()
    let made = try await engine.swarmctl(["network", "create"] + arguments + ["n"])
    #expect(made.code == 0, "\(made)")
    return engine.body("networks", "n")?.text ?? ""
  }

  @Test(
    "every flag of network create finds its member",
    arguments: [
      ([], #""Driver":"overlay","EnableIPv6":false,"Internal":false,"Attachable":false,"Ingress":false,"Labels":{}"#),
      (["-o", "a=b", "--opt", "encrypted", "-oc=d"], #""Options":{"a":"b","c":"d","encrypted":""}"#),
      (
        ["--attachable=true", "--internal=1", "--ingress=t", "--ipv6=true"],
        #""EnableIPv6":true,"Internal":true,"Attachable":true,"Ingress":true"#
      ),
      (["--scope", "swarm"], #""Scope":"swarm""#), (["--config-only"], #""ConfigOnly":true"#),
      (["--config-from", "m"], #""ConfigFrom":{"Network":"m"}"#),
      (["--ipam-driver", "d", "--ipam-opt", "x=y"], #""IPAM":{"Driver":"d","Options":{"x":"y"},"Config":[]}"#),
      (
        [
          "--subnet", "10.1.0.0/16,10.2.0.0/16", "--subnet", "fd00::/64", "--gateway", "10.2.0.1", "--ip-range",
          "10.2.3.0/24", "--aux-address", "host=10.1.0.9", "--aux-address", "other=fd00::9", "--gateway=fd00::1",
        ],
        #""Config":[{"Subnet":"10.1.0.0/16","AuxiliaryAddresses":{"host":"10.1.0.9"}},"#
          + #"{"Subnet":"10.2.0.0/16","IPRange":"10.2.3.0/24","Gateway":"10.2.0.1"},"#
          + #"{"Subnet":"fd00::/64","Gateway":"fd00::1","AuxiliaryAddresses":{"other":"fd00::9"}}]"#
      ),
    ] as [([String], String)]
  )
  func create(arguments: [String], expected: String) async throws {
    let body = try await Self.body(arguments)
    #expect(body.contains(expected), "\(body)")
  }

  @Test(
    "addresses that fit nowhere are refused before anything is asked",
    arguments: [
      (["--gateway", "10.1.0.1"], "no matching subnet for gateway 10.1.0.1"),
      (["--subnet", "10.1.0.0/16", "--ip-range", "10.2.0.0/24"], "no matching subnet for range 10.2.0.0/24"),
      (["--subnet", "10.1.0.0/16", "--aux-address", "a=10.2.0.1"], "no matching subnet for aux-address 10.2.0.1"),
      (
        ["--subnet", "10.1.0.0/16", "--gateway", "10.1.0.1", "--gateway", "10.1.0.2"],
        "cannot configure multiple gateways on the same subnet (10.1.0.0/16)"
      ),
      (["--subnet", "10.1.0.0/16", "--subnet", "10.1.3.0/24"], "multiple overlapping subnet configuration is not supported"),
      (["--subnet", "10.1.0.0"], "invalid address or range of addresses: 10.1.0.0"),
      (["--ipv4=false"], "--ipv4=false: networks without IPv4 addresses are not available yet"),
    ]
  )
  func addresses(arguments: [String], message: String) async throws {
    let engine = FakeEngine()
    let refused = try await engine.swarmctl(["network", "create"] + arguments + ["n"])
    #expect(refused.code == 1)
    #expect(refused.errors == "\(message)\n")
    #expect(engine.changes.isEmpty)
  }

  @Test("networks are listed with all that templates may ask for")
  func fields() async throws {
    let engine = FakeEngine()
    let labels = JSONValue.object(["b": .string(""), "a": .string("1")])
    engine.add("networks", .object(["Name": .string("n"), "Internal": .bool(true), "Labels": labels]))
    let format = "{{.Name}} {{.Internal}} {{.IPv6}} {{.Labels}}"
    try await #expect(engine.swarmctl(["network", "ls", "--format", format]).output == "n true false a=1,b=\n")
  }

  @Test("nobody is on a network twice")
  func attachedTwice() async throws {
    let engine = FakeEngine()
    engine.add("networks", .object(["Name": .string("n")]))
    let made = try await engine.swarmctl([
      "service", "create", "-d", "--name", "w", "--network", "n", "--network", "name=n,alias=a", "i",
    ])
    #expect(made.code == 1 && made.errors == "service is already attached to network n\n", "\(made)")
  }

  @Test("ids of networks are shortened, or not")
  func list() async throws {
    let id = "0123456789abcdefghijklmno"
    let answer = #"[{"Id":"\#(id)","Name":"front","Driver":"overlay","Scope":"swarm"}]"#
    for (flags, shown) in [([], String(id.prefix(12))), (["--no-trunc"], id), (["--no-trunc=false"], String(id.prefix(12)))] {
      let listed = try await FakeServer.swarmctl(["network", "ls", "-q"] + flags) { _ in (200, answer) }
      #expect(listed.output == "\(shown)\n", "\(listed)")
    }
  }

  @Test("what is on a network is asked for", arguments: ["-v", "--verbose", "--verbose=true", "-v=true"])
  func verbose(flag: String) async throws {
    let asked = Mutex("")
    let shown = try await FakeServer.swarmctl(["network", "inspect", flag, "-f", "{{.Name}}", "front"]) { request in
      asked.withLock { $0 = request.query["verbose"] ?? "" }
      return (200, #"{"Name":"front"}"#)
    }
    #expect(shown.output == "front\n", "\(shown)")
    #expect(asked.withLock { $0 } == "true")
  }

  @Test("a network that isn't there can be removed by force alone")
  func remove() async throws {
    let engine = FakeEngine()
    engine.add("networks", .object(["Name": .string("front")]))
    let removed = try await engine.swarmctl(["network", "rm", "--force", "gone", "front"])
    #expect(removed.code == 0)
    #expect(removed.output == "front\n")
    #expect(removed.errors.isEmpty)
    let refused = try await engine.swarmctl(["network", "rm", "gone"])
    #expect(refused.code == 1)
    #expect(refused.errors == "Error response from daemon: network gone not found\n")
  }

  @Test(
    "who removes the mesh's network is asked first, also with force",
    arguments: [(["y\n"], true), (["Y"], true), (["n\n"], false), (["yes\n"], false), ([], false), (["", "y", "\nn"], true)]
  )
  func removeIngress(typed: [String], isRemoved: Bool) async throws {
    let engine = FakeEngine()
    for (name, isIngress) in [("mesh", true), ("front", false)] {
      engine.add("networks", .object(["Name": .string(name), "Ingress": .bool(isIngress)]))
    }
    let removed = try await engine.swarmctl(["network", "rm", "-f", "mesh", "front"], terminal: Typist(typed: typed))
    #expect(removed.code == 0)
    #expect(
      removed.output.hasPrefix("WARNING! ") && removed.output.hasSuffix("[y/N] \(isRemoved ? "mesh\n" : "")front\n"),
      "\(removed)"
    )
    #expect(engine.names("networks") == (isRemoved ? [] : ["mesh"]))
  }

  @Test("labels of secrets and configs are shown, and only secrets have drivers")
  func labels() async throws {
    let engine = FakeEngine()
    for kind in ["secrets", "configs"] {
      engine.add(kind, .object(["Name": .string("x"), "Labels": .object(["b": .string(""), "a": .string("1")])]))
    }
    let format = ["--format", "{{.Name}} {{.Labels}}"]
    try await #expect(engine.swarmctl(["secret", "ls"] + format).output == "x a=1,b=\n")
    try await #expect(engine.swarmctl(["config", "ls"] + format).output == "x a=1,b=\n")
    try await #expect(engine.swarmctl(["secret", "ls", "--format", "{{.Driver}}"]).output == "\n")
    try await #expect(engine.swarmctl(["config", "ls", "--format", "{{.Driver}}"]).code == 1)
    try await #expect(engine.swarmctl(["secret", "inspect", "--pretty", "x"]).output.contains("Labels:\n - a=1\n - b\n"))
  }

  @Test("a secret that a driver keeps has no content, and a config has no driver")
  func secretDriver() async throws {
    let engine = FakeEngine()
    let made = try await engine.swarmctl(["secret", "create", "-d", "vault", "s"])
    #expect(made.code == 0, "\(made)")
    #expect(engine.body("secrets", "s")?.text == #"{"Name":"s","Labels":{},"Driver":{"Name":"vault"}}"#)
    let full = try await engine.swarmctl(["secret", "create", "--driver", "vault", "s", "-"])
    #expect(full.code == 1)
    #expect(full.errors == "When using secret driver secret data must be empty\n")
    let config = try await engine.swarmctl(["config", "create", "--driver", "vault", "c", "-"])
    #expect(config.code == 125)
    #expect(config.errors.hasPrefix("unknown flag: --driver\n"))
    #expect(engine.changes == ["POST /secrets/create"])
  }
}
