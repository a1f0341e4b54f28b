// SPDX-License-Identifier: Apache-2.0

extension Engine {
  /// A task's place on a network.
  package struct TaskNetwork: Codable, Hashable, Sendable {
    /// The network.
    package var network: SwarmNetwork?
    /// The task's addresses in CIDR notation.
    package var addresses: [String]?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case network = "Network"
      case addresses = "Addresses"
    }
  }

  /// A network as the swarm keeps it, in which form tasks show it.
  package struct SwarmNetwork: Codable, Hashable, Sendable {
    /// The object's 25-character id.
    package var id: String?
    /// Grows with each write of the object.
    package var version: ObjectVersion?
    /// When the object was made.
    package var createdAt: EngineTime?
    /// When the object was last written.
    package var updatedAt: EngineTime?
    /// What users want of it.
    package var spec: SwarmNetworkSpec?
    /// The driver with what it has chosen.
    package var driverState: Driver?
    /// The address ranges in use.
    package var ipamOptions: SwarmIPAM?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case id = "ID"
      case version = "Version"
      case createdAt = "CreatedAt"
      case updatedAt = "UpdatedAt"
      case spec = "Spec"
      case driverState = "DriverState"
      case ipamOptions = "IPAMOptions"
    }
  }

  /// What users want of a network.
  package struct SwarmNetworkSpec: Codable, Hashable, Sendable {
    /// The network's name.
    package var name: String?
    /// The labels.
    package var labels: [String: String]?
    /// The network driver.
    package var driverConfiguration: Driver?
    /// Whether it has IPv6 addresses.
    package var ipv6Enabled: Bool?
    /// Whether it has no way out.
    package var `internal`: Bool?
    /// Whether containers outside of services may attach.
    package var attachable: Bool?
    /// Whether it is the network of the routing mesh.
    package var ingress: Bool?
    /// How its addresses are to be handed out.
    package var ipamOptions: SwarmIPAM?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case name = "Name"
      case labels = "Labels"
      case driverConfiguration = "DriverConfiguration"
      case ipv6Enabled = "IPv6Enabled"
      case `internal` = "Internal"
      case attachable = "Attachable"
      case ingress = "Ingress"
      case ipamOptions = "IPAMOptions"
    }
  }

  /// How a network's addresses are handed out, as the swarm keeps it.
  package struct SwarmIPAM: Codable, Hashable, Sendable {
    /// Who hands them out.
    package var driver: Driver?
    /// The address ranges.
    package var configs: [SwarmIPAMConfig]?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case driver = "Driver"
      case configs = "Configs"
    }
  }

  /// One address range of a network, as the swarm keeps it.
  package struct SwarmIPAMConfig: Codable, Hashable, Sendable {
    /// The range in CIDR notation.
    package var subnet: String?
    /// The part of it that is handed out.
    package var range: String?
    /// The gateway's address.
    package var gateway: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case subnet = "Subnet"
      case range = "Range"
      case gateway = "Gateway"
    }
  }
}
