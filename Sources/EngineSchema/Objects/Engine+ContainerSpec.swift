// SPDX-License-Identifier: Apache-2.0

extension Engine {
  /// The container or process that a task runs.
  package struct ContainerSpec: Codable, Hashable, Sendable {
    /// The image's reference.
    package var image: String?
    /// Labels of the container.
    package var labels: [String: String]?
    /// What is run in place of the image's entry point.
    package var command: [String]?
    /// What is handed to it.
    package var args: [String]?
    /// The container's host name.
    package var hostname: String?
    /// Environment variables, `NAME=value`.
    package var env: [String]?
    /// The working directory.
    package var dir: String?
    /// The user, by name or number.
    package var user: String?
    /// Further groups.
    package var groups: [String]?
    /// Security options.
    package var privileges: Privileges?
    /// Whether a small init runs first; absent leaves it to the engine.
    package var usesInit: Bool?
    /// The signal that asks it to stop, for example `SIGTERM`.
    package var stopSignal: String?
    /// Whether it gets a terminal.
    package var tty: Bool?
    /// Whether its input stays open.
    package var openStdin: Bool?
    /// Whether its root file system is read-only.
    package var readOnly: Bool?
    /// What is mounted.
    package var mounts: [Mount]?
    /// Nanoseconds between asking it to stop and killing it.
    package var stopGracePeriod: Int64?
    /// How its health is checked.
    package var healthcheck: Healthcheck?
    /// Further lines of its hosts file.
    package var hosts: [String]?
    /// Its name resolution.
    package var dnsConfig: DNSConfig?
    /// Secrets that it sees.
    package var secrets: [SecretReference]?
    /// Configs that it sees.
    package var configs: [ConfigReference]?
    /// `default`; others exist on Windows only.
    package var isolation: String?
    /// Kernel parameters.
    package var sysctls: [String: String]?
    /// Capabilities that it has in addition.
    package var capabilityAdd: [String]?
    /// Capabilities that it doesn't have.
    package var capabilityDrop: [String]?
    /// Limits of its processes.
    package var ulimits: [Ulimit]?
    /// How soon the kernel kills it when memory runs out.
    package var oomScoreAdj: Int64?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case image = "Image"
      case labels = "Labels"
      case command = "Command"
      case args = "Args"
      case hostname = "Hostname"
      case env = "Env"
      case dir = "Dir"
      case user = "User"
      case groups = "Groups"
      case privileges = "Privileges"
      case usesInit = "Init"
      case stopSignal = "StopSignal"
      case tty = "TTY"
      case openStdin = "OpenStdin"
      case readOnly = "ReadOnly"
      case mounts = "Mounts"
      case stopGracePeriod = "StopGracePeriod"
      case healthcheck = "Healthcheck"
      case hosts = "Hosts"
      case dnsConfig = "DNSConfig"
      case secrets = "Secrets"
      case configs = "Configs"
      case isolation = "Isolation"
      case sysctls = "Sysctls"
      case capabilityAdd = "CapabilityAdd"
      case capabilityDrop = "CapabilityDrop"
      case ulimits = "Ulimits"
      case oomScoreAdj = "OomScoreAdj"
    }
  }
}
