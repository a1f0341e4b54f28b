// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The command `swarmctl version`.
struct VersionCommand: SessionCommand {
  static let configuration = CommandConfiguration(commandName: "version", abstract: "Show the versions of client and server.")

  @Option(name: .shortAndLong, parsing: .unconditional, help: "json, or a template like '{{.Version}}'.")
  var format: String?

  func run(in session: CommandSession) async throws {
    let version = try await session.client.version()
    switch self.format {
    case "json": session.console.print(try JSONValue(encoding: version).text)
    case .some(let format): session.console.print(try Template(format).render(JSONValue(encoding: version)))
    case nil:
      session.console.print(
        """
        Client: swarmctl
         API version:       \(Engine.version)

        Server: \(version.platform?.name ?? "")
         Version:           \(version.version ?? "")
         API version:       \(version.apiVersion ?? "") (minimum version \(version.minAPIVersion ?? ""))
         OS/Arch:           \(version.os ?? "")/\(version.arch ?? "")
        """
      )
    }
  }
}
