// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import Testing

@Suite("commands that change services")
struct ServiceChangeTests {
  private static func engine() -> FakeEngine {
    let engine = FakeEngine()
    let modes: [(String, JSONValue)] = [
      ("web", .object(["Replicated": .object([:])])), ("every", .object(["Global": .object([:])])),
    ]
    for (name, mode) in modes { engine.add("services", .object(["Name": .string(name), "Mode": mode])) }
    return engine
  }

  @Test("what can't be scaled is said with its name, and the rest is scaled")
  func scale() async throws {
    let engine = Self.engine()
    let scaled = try await engine.swarmctl(["service", "scale", "-d", "every=2", "gone=2", "web=2"])
    #expect(scaled.code == 1)
    #expect(scaled.output == "web scaled to 2\n")
    #expect(
      scaled.errors == """
        every: scale can only be used with replicated or replicated-job mode
        gone: Error response from daemon: service gone not found

        """
    )
    #expect(engine.body("services", "web")?["Mode"]?["Replicated"]?["Replicas"] == .integer(2))
  }

  @Test(
    "a rollback is combined with no other flag, whatever it would do",
    arguments: [
      ["--image", "i"], ["--label-rm", "x"], ["--env-rm", "x"], ["--replicas", "0"], ["--force"], ["--network-add", "n"],
      ["--secret-rm", "s"], ["--with-registry-auth"], ["--cap-add", "x"], ["--health-cmd", "x"], ["--update-delay", "0s"],
      ["--depends-on", "every"],
    ]
  )
  func rollback(flags: [String]) async throws {
    let engine = Self.engine()
    let refused = try await engine.swarmctl(["service", "update", "-d", "--rollback"] + flags + ["web"])
    #expect(refused.code == 1 && refused.errors == "other flags may not be combined with --rollback\n", "\(refused)")
    #expect(engine.changes.isEmpty)
    let done = try await engine.swarmctl(["service", "update", "-d", "-q", "--rollback", "web"])
    #expect(done.code == 0, "\(done)")
    #expect(engine.changes.count == 1)
  }
}
