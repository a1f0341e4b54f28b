// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The flags of every `inspect`.
struct InspectFlags: ParsableArguments {
  @Option(name: .shortAndLong, parsing: .unconditional, help: "json, or a template like '{{.Spec.Name}}'.")
  var format: String?

  /// Refuses `--format` beside `--pretty`.
  func checkPretty() throws(CommandFailure) {
    guard self.format == nil else { throw CommandFailure("--format is incompatible with human friendly format") }
  }

  /// Prints objects as JSON or by a template; what can't be had is said, and the rest goes on.
  func show(_ references: [String], in session: CommandSession, fetch: (String) async throws -> JSONValue) async throws {
    let template = try self.format.flatMap { $0 == "json" ? nil : $0 }.map { text throws(CommandFailure) in try Template(text) }
    var found: [JSONValue] = []
    var failures: [CommandFailure] = []
    for reference in references {
      do {
        found.append(try await fetch(reference))
      } catch let error as DaemonError {
        failures.append(error.commandFailure)
      } catch let failure as CommandFailure where failure.exitCode == 1 && !failure.message.hasPrefix("Cannot connect") {
        failures.append(failure)
      }
    }
    if let template {
      for value in found { session.console.print(try template.render(value)) }
    } else if self.format == "json" {
      for value in found { session.console.print(value.text) }
    } else {
      session.console.print(JSONValue.array(found).prettyText)
    }
    for failure in failures { session.console.complain(failure.description) }
    if !failures.isEmpty { throw CommandFailure("") }
  }
}
