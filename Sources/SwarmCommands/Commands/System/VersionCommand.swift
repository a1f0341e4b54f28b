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
    case "json": session.console.print(try Self.value(version, apiVersion: "ApiVersion").text)
    // Templates know the version of the API by another name than JSON does.
    case .some(let format): session.console.print(try Template(format).render(Self.value(version, apiVersion: "APIVersion")))
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
  /// Client and server, under docker's names.
  private static func value(_ server: Engine.VersionInfo, apiVersion: String) throws -> JSONValue {
    guard case .object(var members) = try JSONValue(encoding: server) else { return .null }
    members[apiVersion] = members["ApiVersion"]
    let client: JSONMembers = [apiVersion: .string(Engine.version), "Version": .string(Engine.version)]
    return .object(["Client": .object(client), "Server": .object(members)])
  }
}
