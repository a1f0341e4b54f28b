// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The command `swarmctl stats`.
struct StatsCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Show what nodes and tasks use: processor time and memory.",
    usage: "swarmctl stats [OPTIONS] [SERVICE|NODE...]",
    discussion: "Of a service its tasks are shown, of a node the node and its tasks; without any, all nodes and tasks."
  )

  /// The time between two measurements.
  static let interval = Duration.seconds(1)

  @Flag(inversion: .prefixedNo, help: "Show one measurement and end.")
  var noStream = false

  @Option(parsing: .unconditional, help: "table, json, or a template like '{{.Name}} {{.CPUPerc}}'.")
  var format: String?

  @Argument(help: "Services and nodes.")
  var targets: [String] = []

  func run(in session: CommandSession) async throws {
    let filters = try await self.filters(in: session.client)
    let showsNodes = self.targets.isEmpty || !filters["node"].isEmpty
    var meter = UsageMeter()
    // How busy something is shows between two measurements.
    meter.measure(try await session.client.usages(filters))
    while true {
      try await Task.sleep(for: Self.interval)
      meter.measure(try await session.client.usages(filters))
      let listing = Listing(usage: meter, of: try await SwarmSnapshot(of: session.client), showsNodes: showsNodes)
      let lines = try listing.lines(format: self.format, quiet: false)
      if session.terminal.isOutput, !self.noStream { session.console.write(Screen.clear) }
      for line in lines { session.console.print(line) }
      if self.noStream { return }
    }
  }

  private func filters(in client: EngineClient) async throws -> EngineFilters {
    var filters = EngineFilters()
    for target in self.targets {
      do {
        filters.add(try await client.service(target).id ?? target, to: "service")
        continue
      } catch let error as DaemonError where error.status == 404 {
        // It may be a node.
      }
      do {
        filters.add(try await client.node(target).id ?? target, to: "node")
      } catch let error as DaemonError where error.status == 404 {
        throw CommandFailure("no such service or node: \(target)")
      }
    }
    return filters
  }
}
