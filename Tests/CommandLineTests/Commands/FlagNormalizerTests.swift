// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import SwarmCommands
import Synchronization
import Testing

@Suite("docker's spelling of switches")
struct FlagNormalizerTests {
  @Test("every switch of the grammar can have a value")
  func everySwitch() async throws {
    let switches = try await Self.switches()
    #expect(switches.count > 20)
    for name in switches.sorted() {
      #expect(FlagNormalizer.normalize(["node", "ls", "--\(name)=true"]) == ["node", "ls", "--\(name)"], "\(name)")
      #expect(FlagNormalizer.normalize(["node", "ls", "--\(name)=false"]) == ["node", "ls", "--no-\(name)"], "\(name)")
    }
  }

  /// The names of all switches, as the parser itself tells them.
  private static func switches() async throws -> Set<String> {
    let output = Mutex("")
    let console = Console(output: { text in output.withLock { $0 += text } }, errors: { _ in })
    let code = await SwarmCommandLine.run(["--experimental-dump-help"], environment: [:], console: console) { .zero }
    #expect(code == 0)
    let help = try EngineJSON.decode(JSONValue.self, from: Array(output.withLock { $0 }.utf8))
    var names: Set<String> = []
    self.collect(from: help["command"] ?? .null, into: &names)
    return names
  }

  private static func collect(from command: JSONValue, into names: inout Set<String>) {
    var forms: Set<String> = []
    for argument in Self.elements(command["arguments"]) where argument["kind"] == .string("flag") {
      for form in Self.elements(argument["names"]) where form["kind"] == .string("long") {
        if case .string(let name)? = form["name"] { forms.insert(name) }
      }
    }
    // A switch is told of beside what turns it off.
    names.formUnion(forms.filter { name in !forms.contains { name == "no-\($0)" } })
    for command in Self.elements(command["subcommands"]) { self.collect(from: command, into: &names) }
  }

  private static func elements(_ value: JSONValue?) -> [JSONValue] {
    guard case .array(let elements)? = value else { return [] }
    return elements
  }
}
