// SPDX-License-Identifier: Apache-2.0

extension Engine {
  /// A network.
  package struct Network: Codable, Hashable, Sendable {
    /// The network's name.
    package var name: String?
    /// The network's id.
    package var id: String?
    /// When it was created.
    package var created: EngineTime?
    /// `swarm` for the networks of a swarm.
    package var scope: String?
    /// The network driver.
    package var driver: String?
    /// Whether it has IPv6 addresses.
    package var enableIPv6: Bool?
    /// How addresses are handed out.
    package var ipam: IPAM?
    /// Whether it has no way out.
    package var `internal`: Bool?
    /// Whether containers outside of services may attach.
    package var attachable: Bool?
    /// Whether it is the network of the routing mesh.
    package var ingress: Bool?
    /// The network whose settings it takes.
    package var configFrom: NetworkSource?
    /// Whether it only keeps settings for others.
    package var configOnly: Bool?
    /// The containers on it, by id; never any of a swarm's network.
    package var containers: [String: JSONValue]?
    /// The driver's options.
    package var options: [String: String]?
    /// The labels.
    package var labels: [String: String]?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case name = "Name"
      case id = "Id"
      case created = "Created"
      case scope = "Scope"
      case driver = "Driver"
      case enableIPv6 = "EnableIPv6"
      case ipam = "IPAM"
      case `internal` = "Internal"
      case attachable = "Attachable"
      case ingress = "Ingress"
      case configFrom = "ConfigFrom"
      case configOnly = "ConfigOnly"
      case containers = "Containers"
      case options = "Options"
      case labels = "Labels"
    }
  }

  /// A network that another one takes its settings from.
  package struct NetworkSource: Codable, Hashable, Sendable {
    /// Its name; empty for none.
    package var network: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case network = "Network"
    }
  }

  /// How a network's addresses are handed out.
  package struct IPAM: Codable, Hashable, Sendable {
    /// Who hands them out.
    package var driver: String?
    /// The driver's options.
    package var options: [String: String]?
    /// The address ranges.
    package var config: [IPAMConfig]?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case driver = "Driver"
      case options = "Options"
      case config = "Config"
    }
  }

  /// One address range of a network.
  package struct IPAMConfig: Codable, Hashable, Sendable {
    /// The range in CIDR notation.
    package var subnet: String?
    /// The part of it that is handed out.
    package var ipRange: String?
    /// The gateway's address.
    package var gateway: String?
    /// Addresses that are never handed out, by what they are for.
    package var auxiliaryAddresses: [String: String]?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case subnet = "Subnet"
      case ipRange = "IPRange"
      case gateway = "Gateway"
      case auxiliaryAddresses = "AuxiliaryAddresses"
    }
  }

  /// The answer to `POST /networks/create`.
  package struct NetworkCreated: Codable, Hashable, Sendable {
    /// The new network's id.
    package var id: String?
    /// What the user should know; empty for nothing.
    package var warning: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case id = "Id"
      case warning = "Warning"
    }
  }
}
