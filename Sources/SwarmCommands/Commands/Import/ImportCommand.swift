// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// The command `swarmctl import`.
struct ImportCommand: SessionCommand, LocallyChecked {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Recreate here what another swarm has, read through the API of one of its managers.",
    discussion: """
      Networks, configs, labels of nodes (by hostname) and services are made as they are there. What is here already is left
      alone, and named where it differs, so the command can be repeated. Secrets can't be read: those that services need must
      be created here under the same names, and until then the services are left out. The other swarm isn't changed.

      Exits with 1 when something was left out or failed.
      """
  )

  @Option(parsing: .unconditional, help: ArgumentHelp("A manager of the other swarm: unix:///… or tcp://….", valueName: "url"))
  var from: String?

  @Flag(inversion: .prefixedNo, help: "Say what would be done, and do nothing.")
  var dryRun = false

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Only these: networks, configs, nodes, services; several with commas between them.", valueName: "kinds")
  )
  var only: [String] = []

  @Flag(inversion: .prefixedNo, help: "Create jobs, too: they run again here.")
  var jobs = false

  func check() throws {
    guard let from, !from.isEmpty else {
      throw CommandFailure.flags("swarmctl import needs the other swarm: --from unix:///var/run/docker.sock")
    }
    _ = try EngineHost(from)
    _ = try self.kinds
  }

  private var kinds: Set<ImportPlan.Kind> {
    get throws(CommandFailure) {
      var kinds: Set<ImportPlan.Kind> = []
      for word in self.only.flatMap({ $0.split(separator: ",") }) {
        guard let kind = ImportPlan.Kind.importable.first(where: { $0.plural == word }) else {
          let words = ImportPlan.Kind.importable.map(\.plural).joined(separator: ", ")
          throw .flags("invalid argument \"\(word)\" for \"--only\" flag: expected \(words)")
        }
        kinds.insert(kind)
      }
      return kinds.isEmpty ? Set(ImportPlan.Kind.importable) : kinds
    }
  }

  func run(in session: CommandSession) async throws {
    let host = try EngineHost(self.from ?? "")
    let source = try await EngineClient.with(host, timeout: session.client.timeout) { client in
      try await SwarmContents(readFrom: client.negotiated())
    }
    let target = try await SwarmContents(readFrom: session.client)
    guard source.id != target.id else {
      throw CommandFailure("\(host) is a node of the swarm at \(session.client.host): there is nothing to import")
    }
    let plan = ImportPlan(from: source, into: target, kinds: try self.kinds, withJobs: self.jobs)
    let report = try await SwarmImport(session: session, isDryRun: self.dryRun).carryOut(plan)
    for line in report.lines { session.console.print(line) }
    guard report.isComplete else { throw CommandFailure("") }
  }
}
