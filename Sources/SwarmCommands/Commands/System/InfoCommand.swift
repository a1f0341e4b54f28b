// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The command `swarmctl info`.
struct InfoCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Show what the node knows of itself and its swarm."
  )

  @Option(name: .shortAndLong, parsing: .unconditional, help: "json, or a template like '{{.Swarm.NodeID}}'.")
  var format: String?

  func run(in session: CommandSession) async throws {
    let info = try await session.client.info()
    switch self.format {
    case "json": session.console.print(try JSONValue(encoding: info).text)
    case .some(let format): session.console.print(try Template(format).render(JSONValue(encoding: info)))
    case nil: session.console.print(Self.lines(info).joined(separator: "\n"))
    }
  }

  static func lines(_ info: Engine.Info) -> [String] {
    let swarm = info.swarm ?? Engine.SwarmInfo()
    var lines = ["Server Version: \(info.serverVersion ?? "")", "Swarm: \(swarm.localNodeState ?? "")"]
    if let nodeID = swarm.nodeID, !nodeID.isEmpty { lines.append(" NodeID: \(nodeID)") }
    if let error = swarm.error, !error.isEmpty { lines.append(" Error: \(error)") }
    if swarm.localNodeState == "active" {
      let isManager = swarm.controlAvailable ?? false
      lines.append(" Is Manager: \(isManager)")
      if isManager {
        lines.append(" ClusterID: \(swarm.cluster?.id ?? "")")
        lines.append(" Managers: \(swarm.managers ?? 0)")
        lines.append(" Nodes: \(swarm.nodes ?? 0)")
        if let limit = swarm.cluster?.spec?.orchestration?.taskHistoryRetentionLimit {
          lines += [" Orchestration:", "  Task History Retention Limit: \(limit)"]
        }
      }
      lines.append(" Node Address: \(swarm.nodeAddr ?? "")")
      lines.append(" Manager Addresses:")
      lines += (swarm.remoteManagers ?? []).compactMap(\.addr).sorted().map { "  \($0)" }
    }
    lines += [
      "Kernel Version: \(info.kernelVersion ?? "")",
      "Operating System: \(info.operatingSystem ?? "")",
      "OSType: \(info.osType ?? "")",
      "Architecture: \(info.architecture ?? "")",
      "CPUs: \(info.ncpu ?? 0)",
      "Total Memory: \(Self.memory(info.memTotal ?? 0))",
      "Name: \(info.name ?? "")",
    ]
    return lines
  }

  /// Bytes as docker shows them: four digits and a unit of 1024.
  private static func memory(_ bytes: Int64) -> String {
    var value = Double(bytes)
    var unit = 0
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    while value >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    let rounded = (value * 1000).rounded() / 1000
    let text = String(rounded)
    return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + units[unit]
  }
}
