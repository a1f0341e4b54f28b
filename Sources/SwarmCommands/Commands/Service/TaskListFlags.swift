// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The flags of `service ps` and `node ps`, and what they print.
struct TaskListFlags: ParsableArguments {
  @OptionGroup var list: ListFlags

  @Flag(inversion: .prefixedNo, exclusivity: .chooseLast, help: "Don't shorten anything.")
  var noTrunc = false

  @Flag(inversion: .prefixedNo, help: "Show ids in place of names.")
  var noResolve = false

  /// The filters, with `self` among the nodes resolved.
  func filters(in session: CommandSession) async throws -> EngineFilters {
    var filters = try self.list.filterFlags.filters()
    if filters["node"].contains("self") { filters.replace("self", by: try await session.resolveNode("self"), in: "node") }
    return filters
  }

  func show(_ tasks: [Engine.Task], in session: CommandSession) async throws {
    var names = Listing.TaskNames()
    if !self.noResolve, !tasks.isEmpty {
      for service in try await session.client.services() { names.services[service.id ?? ""] = service.spec?.name }
      for node in try await session.client.nodes() { names.nodes[node.id ?? ""] = node.description?.hostname }
    }
    var listing = Listing(tasks: tasks, names: names, now: session.now(), truncated: !self.noTrunc && !self.list.quiet)
    if ["", "table"].contains(self.list.format ?? "") { listing = listing.markingHistory }
    for line in try listing.lines(format: self.list.format, quiet: self.list.quiet) { session.console.print(line) }
  }
}
