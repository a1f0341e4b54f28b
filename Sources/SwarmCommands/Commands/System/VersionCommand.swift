// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The command `swarmctl version`.
struct VersionCommand: SessionCommand {
  static let configuration = CommandConfiguration(commandName: "version", abstract: "Show the versions of client and server.")

  @Option(name: .shortAndLong, parsing: .unconditional, help: "json, or a template like '{{.Server.Version}}'.")
  var format: String?

  func run(in session: CommandSession) async throws {
    let version = try await session.client.version()
    switch self.format {
    case "json": session.console.print(try Self.value(version).text)
    case .some(let format): session.console.print(try Template(format).render(Self.value(version, alias: "APIVersion")))
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

  /// Client and server, under the names of docker's JSON; its templates know the version of the API by another one, too.
  private static func value(_ server: Engine.VersionInfo, alias: String? = nil) throws -> JSONValue {
    guard case .object(var members) = try JSONValue(encoding: server) else { return .null }
    var client: JSONMembers = ["ApiVersion": .string(Engine.version), "Version": .string(Engine.version)]
    if let alias {
      members[alias] = members["ApiVersion"]
      client[alias] = client["ApiVersion"]
    }
    return .object(["Client": .object(client), "Server": .object(members)])
  }
}
