// SPDX-License-Identifier: Apache-2.0

extension Engine {
  /// The answer to `GET /version`.
  package struct VersionInfo: Codable, Hashable, Sendable {
    /// The product's name.
    package var platform: NamedPlatform?
    /// Its parts.
    package var components: [Component]?
    /// The software's version.
    package var version: String?
    /// The newest version of the API.
    package var apiVersion: String?
    /// The oldest version of the API.
    package var minAPIVersion: String?
    /// The source that it was built from.
    package var gitCommit: String?
    /// Empty here.
    package var goVersion: String?
    /// The operating system.
    package var os: String?
    /// The processor, as Go names it.
    package var arch: String?
    /// The kernel.
    package var kernelVersion: String?
    /// Whether experimental parts are on.
    package var experimental: Bool?
    /// When it was built.
    package var buildTime: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case platform = "Platform"
      case components = "Components"
      case version = "Version"
      case apiVersion = "ApiVersion"
      case minAPIVersion = "MinAPIVersion"
      case gitCommit = "GitCommit"
      case goVersion = "GoVersion"
      case os = "Os"
      case arch = "Arch"
      case kernelVersion = "KernelVersion"
      case experimental = "Experimental"
      case buildTime = "BuildTime"
    }
  }

  /// A product's name.
  package struct NamedPlatform: Codable, Hashable, Sendable {
    /// The name.
    package var name: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case name = "Name"
    }
  }

  /// A part of the software.
  package struct Component: Codable, Hashable, Sendable {
    /// Its name.
    package var name: String?
    /// Its version.
    package var version: String?
    /// What else there is to say.
    package var details: [String: String]?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case name = "Name"
      case version = "Version"
      case details = "Details"
    }
  }

  /// The answer to `GET /info`.
  package struct Info: Codable, Hashable, Sendable {
    /// The engine's id.
    package var id: String?
    /// How many containers there are.
    package var containers: Int64?
    /// How many of them run.
    package var containersRunning: Int64?
    /// How many are paused.
    package var containersPaused: Int64?
    /// How many are stopped.
    package var containersStopped: Int64?
    /// How many images there are.
    package var images: Int64?
    /// The storage driver.
    package var driver: String?
    /// Whether memory can be limited.
    package var memoryLimit: Bool?
    /// The machine's host name.
    package var name: String?
    /// The software's version.
    package var serverVersion: String?
    /// The operating system's name.
    package var operatingSystem: String?
    /// The operating system's kind, for example `linux`.
    package var osType: String?
    /// The operating system's version.
    package var osVersion: String?
    /// The processor, for example `x86_64`.
    package var architecture: String?
    /// The kernel.
    package var kernelVersion: String?
    /// How many processors there are.
    package var ncpu: Int64?
    /// Bytes of memory.
    package var memTotal: Int64?
    /// Labels of the engine, `key=value`.
    package var labels: [String]?
    /// Whether experimental parts are on.
    package var experimentalBuild: Bool?
    /// The machine's clock.
    package var systemTime: EngineTime?
    /// What the user should know.
    package var warnings: [String]?
    /// This node's part in a swarm.
    package var swarm: SwarmInfo?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case id = "ID"
      case containers = "Containers"
      case containersRunning = "ContainersRunning"
      case containersPaused = "ContainersPaused"
      case containersStopped = "ContainersStopped"
      case images = "Images"
      case driver = "Driver"
      case memoryLimit = "MemoryLimit"
      case name = "Name"
      case serverVersion = "ServerVersion"
      case operatingSystem = "OperatingSystem"
      case osType = "OSType"
      case osVersion = "OSVersion"
      case architecture = "Architecture"
      case kernelVersion = "KernelVersion"
      case ncpu = "NCPU"
      case memTotal = "MemTotal"
      case labels = "Labels"
      case experimentalBuild = "ExperimentalBuild"
      case systemTime = "SystemTime"
      case warnings = "Warnings"
      case swarm = "Swarm"
    }
  }

  /// This node's part in a swarm.
  package struct SwarmInfo: Codable, Hashable, Sendable {
    /// This node's id; empty outside a swarm.
    package var nodeID: String?
    /// The address that it advertises.
    package var nodeAddr: String?
    /// `inactive`, `pending`, `active`, `error` or `locked`.
    package var localNodeState: String?
    /// Whether it is a manager.
    package var controlAvailable: Bool?
    /// What went wrong.
    package var error: String?
    /// The managers that it knows.
    package var remoteManagers: [RemoteManager]?
    /// How many nodes there are; only on managers.
    package var nodes: Int64?
    /// How many managers there are; only on managers.
    package var managers: Int64?
    /// The swarm without its tokens; only on managers.
    package var cluster: Swarm?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case nodeID = "NodeID"
      case nodeAddr = "NodeAddr"
      case localNodeState = "LocalNodeState"
      case controlAvailable = "ControlAvailable"
      case error = "Error"
      case remoteManagers = "RemoteManagers"
      case nodes = "Nodes"
      case managers = "Managers"
      case cluster = "Cluster"
    }
  }

  /// A manager that a node knows.
  package struct RemoteManager: Codable, Hashable, Sendable {
    /// Its id.
    package var nodeID: String?
    /// Its address, `host:port`.
    package var addr: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case nodeID = "NodeID"
      case addr = "Addr"
    }
  }
}
