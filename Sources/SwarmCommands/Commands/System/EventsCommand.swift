// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The command `swarmctl events`.
struct EventsCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "events",
    abstract: "Show what happens in the swarm, as it happens."
  )

  @OptionGroup var filterFlags: FilterFlags

  @Option(parsing: .unconditional, help: "json, or a template like '{{.Type}} {{.Action}}'.")
  var format: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Begin at a time, or so long ago.", valueName: "time"))
  var since: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("End at a time.", valueName: "time"))
  var until: String?

  func run(in session: CommandSession) async throws {
    let filters = try self.filterFlags.filters()
    var query: [(String, String)] = filters.isEmpty ? [] : [("filters", filters.queryText)]
    for (name, text) in [("since", self.since), ("until", self.until)] {
      guard let text else { continue }
      query.append((name, try Moment.parse(text, flag: name, now: session.now()).unixText))
    }
    let template = try self.format.flatMap { format throws(CommandFailure) in format == "json" ? nil : try Template(format) }
    try await session.client.events(query) { event in
      if let template {
        session.console.print(try template.render(Self.fields(of: event)))
      } else if self.format == nil {
        session.console.print(Self.line(event))
      } else {
        session.console.print(try JSONValue(encoding: event).text)
      }
    }
  }

  /// What templates see: Docker's have other names here than its JSON.
  private static func fields(of event: Engine.Event) throws -> JSONValue {
    let value = try JSONValue(encoding: event)
    guard case .object(var members) = value else { return value }
    for (name, member) in [("Scope", "scope"), ("Time", "time"), ("TimeNano", "timeNano")] { members[name] = members[member] }
    return .object(members)
  }

  /// An event as docker writes it, in UTC.
  static func line(_ event: Engine.Event) -> String {
    let time = EngineTime(nanosecondsSince1970: event.timeNano ?? (event.time ?? 0) * 1_000_000_000).fixedText
    let line = "\(time) \(event.type ?? "") \(event.action ?? "") \(event.actor?.id ?? "")"
    let attributes = (event.actor?.attributes ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return attributes.isEmpty ? line : "\(line) (\(attributes.joined(separator: ", ")))"
  }
}
