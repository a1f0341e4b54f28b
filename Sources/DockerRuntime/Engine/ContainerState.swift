// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmAgent
internal import SwarmModel

/// What an engine knows of a container.
struct ContainerState: Hashable, Sendable {
  /// What a health check found.
  enum Health: Hashable, Sendable {
    case none
    case starting
    case healthy
    case unhealthy
  }

  var id: String
  var labels: [String: String]
  var isRunning: Bool
  /// Whether it was ever started.
  var wasStarted: Bool
  var pid: Int32
  var exitCode: Int32
  var finishedAt: Timestamp
  var oomKilled: Bool
  /// Why it couldn't be started.
  var error: String
  var health: Health
  var hasTerminal: Bool
  var stopSignal: String
  /// The ports that the engine has opened for it on the machine, in the order of their numbers.
  var ports: [PortConfig]

  /// Reads the answer to `GET /containers/{id}/json`.
  init(_ value: JSONValue) {
    let state = value["State"]
    self.id = value["Id"].text
    self.labels = value["Config"]?["Labels"].texts ?? [:]
    self.isRunning = state?["Running"] == .bool(true)
    self.pid = Int32(clamping: state?["Pid"].whole ?? 0)
    self.exitCode = Int32(clamping: state?["ExitCode"].whole ?? 0)
    // Docker writes the year 1 for what never happened.
    self.wasStarted = Timestamp(state?["StartedAt"].text ?? "").map { $0 > .zero } ?? false
    self.finishedAt = Timestamp(state?["FinishedAt"].text ?? "") ?? .zero
    self.oomKilled = state?["OOMKilled"] == .bool(true)
    self.error = state?["Error"].text ?? ""
    self.hasTerminal = value["Config"]?["Tty"] == .bool(true)
    self.stopSignal = value["Config"]?["StopSignal"].text ?? ""
    self.ports = Self.ports(value["NetworkSettings"]?["Ports"])
    self.health =
      switch state?["Health"]?["Status"].text ?? "" {
      case "starting": .starting
      case "healthy": .healthy
      case "unhealthy": .unhealthy
      default: .none
      }
  }

  /// Reads `{"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]}`; exposed ports that nobody published have `null`.
  private static func ports(_ value: JSONValue?) -> [PortConfig] {
    guard case .object(let members) = value else { return [] }
    var ports: Set<PortConfig> = []
    for (name, bindings) in members.pairs {
      let parts = name.split(separator: "/")
      guard parts.count == 2, let target = UInt32(parts[0]),
        let kind = PortConfig.ProtocolKind.allCases.first(where: { "\($0)" == parts[1] })
      else { continue }
      // The same number is listed for each family of addresses.
      for binding in JSONValue?.some(bindings).elements {
        guard let published = UInt32(binding["HostPort"].text), published > 0 else { continue }
        ports.insert(PortConfig(protocol: kind, targetPort: target, publishedPort: published, publishMode: .host))
      }
    }
    return ports.sorted {
      ($0.targetPort, $0.protocol.rawValue, $0.publishedPort) < ($1.targetPort, $1.protocol.rawValue, $1.publishedPort)
    }
  }

  /// Where the outside world finds the container.
  var status: ContainerStatus {
    ContainerStatus(containerID: self.id, pid: self.pid, exitCode: self.exitCode)
  }

  /// How it ended; `nil` while it runs or before it was started.
  var exit: ExitStatus? {
    guard self.wasStarted, !self.isRunning else { return nil }
    return ExitStatus(exitCode: self.exitCode, exitedAt: self.finishedAt, oomKilled: self.oomKilled)
  }
}

extension JSONValue? {
  /// The text; empty when it is none.
  var text: String {
    guard case .string(let text) = self else { return "" }
    return text
  }

  /// The whole number, if it is one.
  var whole: Int64? {
    guard case .integer(let number) = self else { return nil }
    return number
  }

  /// The texts of an object.
  var texts: [String: String] {
    guard case .object(let members) = self else { return [:] }
    return Dictionary(members.pairs.map { ($0.key, JSONValue?.some($0.value).text) }) { _, new in new }
  }

  /// The elements of a list.
  var elements: [JSONValue] {
    guard case .array(let elements) = self else { return [] }
    return elements
  }
}
