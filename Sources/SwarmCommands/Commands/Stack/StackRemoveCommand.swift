// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The command `swarmctl stack rm`.
struct StackRemoveCommand: SessionCommand, LocallyChecked {
  static let configuration = CommandConfiguration(
    commandName: "rm",
    abstract: "Remove stacks with all that belongs to them.",
    aliases: ["remove", "down"]
  )

  /// How often to look for tasks that still run.
  private static let pause = Duration.milliseconds(200)

  @Flag(name: .shortAndLong, inversion: .prefixedNo, help: "Don't wait until the tasks are gone.")
  var detach = true

  @Argument(help: "The stacks.")
  var stacks: [String] = []

  func check() throws {
    try require(self.stacks, of: "stack rm")
    for stack in self.stacks { try StackName.check([stack], of: "stack rm") }
  }

  func run(in session: CommandSession) async throws {
    var failures: [String] = []
    for stack in self.stacks {
      failures += try await self.remove(stack, in: session)
      if !self.detach, failures.isEmpty { try await self.waitForTasks(of: stack, in: session) }
    }
    for failure in failures { session.console.complain(failure) }
    if !failures.isEmpty { throw CommandFailure("") }
  }

  /// Removes what a stack has; what can't be removed is said in the end.
  private func remove(_ stack: String, in session: CommandSession) async throws -> [String] {
    let client = session.client
    let services = try await client.services(.stack(stack))
    var objects: [(kind: String, object: EngineClient.NamedObject)] = []
    for kind in ["secrets", "configs", "networks"] {
      do {
        objects += try await client.objects(kind, .stack(stack)).map { (kind, $0) }
      } catch let error as DaemonError where error.status == 501 || error.status == 404 {
        // A server that doesn't know the kind has none of it.
        continue
      }
    }
    guard !services.isEmpty || !objects.isEmpty else {
      session.console.complain("Nothing found in stack: \(stack)")
      return []
    }
    var failures: [String] = []
    func attempt(_ kind: String, _ name: String, _ body: () async throws -> Void) async throws {
      session.console.print("Removing \(kind) \(name)")
      do {
        try await body()
      } catch let error as DaemonError {
        failures.append("Failed to remove \(kind) \(name): \(error.commandFailure.message)")
      }
    }
    for service in services.sorted(by: { NaturalOrder.areInOrder($0.spec?.name ?? "", $1.spec?.name ?? "") }) {
      try await attempt("service", service.spec?.name ?? "") { try await client.removeService(service.id ?? "") }
    }
    for (kind, object) in objects {
      try await attempt(String(kind.dropLast()), object.name) { try await client.removeObject(kind, object.id) }
    }
    return failures
  }

  private func waitForTasks(of stack: String, in session: CommandSession) async throws {
    let ended: Set<String> = ["complete", "shutdown", "failed", "rejected", "orphaned", "remove"]
    while try await session.client.tasks(.stack(stack)).contains(where: { !ended.contains($0.status?.state ?? "") }) {
      try await Task.sleep(for: Self.pause)
    }
  }
}
