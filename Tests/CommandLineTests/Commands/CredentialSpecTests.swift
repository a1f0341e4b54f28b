// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import SwarmCommands
import Testing

@Suite("credentials of managed accounts")
struct CredentialSpecTests {
  @Test(
    "credentials are in a file or in the registry",
    arguments: [("file://a.json", #"{"File":"a.json"}"#), ("registry://key", #"{"Registry":"key"}"#)]
  )
  func places(value: String, expected: String) async throws {
    let engine = FakeEngine()
    let made = try await engine.swarmctl(["service", "create", "-d", "--name", "a", "--credential-spec", value, "img"])
    #expect(made.code == 0, "\(made)")
    let container = engine.body("services", "a")?["TaskTemplate"]?["ContainerSpec"]
    #expect(container?["Privileges"]?.text == #"{"CredentialSpec":\#(expected)}"#)
    #expect(container?["Configs"] == nil)
  }

  @Test("a config with credentials is one of the container's that only its runtime reads, until it is replaced")
  func config() async throws {
    let engine = FakeEngine()
    for name in ["c", "d"] { engine.add("configs", .object(["Name": .string(name)])) }
    let made = try await engine.swarmctl(
      ["service", "create", "-d", "--name", "a", "--config", "d", "--credential-spec", "config://c", "img"]
    )
    #expect(made.code == 0, "\(made)")
    let file = #"{"File":{"Name":"d","UID":"0","GID":"0","Mode":292},"ConfigID":"c2","ConfigName":"d"}"#
    func container() -> JSONValue? { engine.body("services", "a")?["TaskTemplate"]?["ContainerSpec"] }
    #expect(container()?["Privileges"]?.text == #"{"CredentialSpec":{"Config":"c1"}}"#)
    #expect(container()?["Configs"]?.text == #"[\#(file),{"Runtime":{},"ConfigID":"c1","ConfigName":"c"}]"#)
    let replaced = try await engine.swarmctl(["service", "update", "-d", "--credential-spec", "config://d", "a"])
    #expect(replaced.code == 0, "\(replaced)")
    #expect(container()?["Privileges"]?.text == #"{"CredentialSpec":{"Config":"c2"}}"#)
    #expect(container()?["Configs"]?.text == #"[\#(file),{"Runtime":{},"ConfigID":"c2","ConfigName":"d"}]"#)
    let removed = try await engine.swarmctl(["service", "update", "-d", "--credential-spec", "", "a"])
    #expect(removed.code == 0, "\(removed)")
    #expect(container()?["Privileges"] == nil)
    #expect(container()?["Configs"]?.text == "[\(file)]")
    let missing = try await engine.swarmctl(["service", "update", "-d", "--credential-spec", "config://e", "a"])
    #expect(missing.errors == "config not found: e\n")
  }
}
