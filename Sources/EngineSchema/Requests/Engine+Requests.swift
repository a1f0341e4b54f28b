// SPDX-License-Identifier: Apache-2.0

extension Engine {
  /// The body of `POST /swarm/init`.
  package struct InitRequest: Codable, Hashable, Sendable {
    /// Where this node listens, `host:port`.
    package var listenAddr: String?
    /// Where others find it, `host[:port]`.
    package var advertiseAddr: String?
    /// Where overlay networks find it.
    package var dataPathAddr: String?
    /// The port of overlay networks.
    package var dataPathPort: UInt32?
    /// Whether to start over alone with the state at hand.
    package var forceNewCluster: Bool?
    /// What users want of the swarm.
    package var spec: SwarmSpec?
    /// Whether a restarted manager must be unlocked.
    package var autoLockManagers: Bool?
    /// `active`, `pause`, `drain`, or empty for active.
    package var availability: String?
    /// Where subnets are taken from.
    package var defaultAddrPool: [String]?
    /// The prefix length of such a subnet.
    package var subnetSize: UInt32?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case listenAddr = "ListenAddr"
      case advertiseAddr = "AdvertiseAddr"
      case dataPathAddr = "DataPathAddr"
      case dataPathPort = "DataPathPort"
      case forceNewCluster = "ForceNewCluster"
      case spec = "Spec"
      case autoLockManagers = "AutoLockManagers"
      case availability = "Availability"
      case defaultAddrPool = "DefaultAddrPool"
      case subnetSize = "SubnetSize"
    }
  }

  /// The body of `POST /swarm/join`.
  package struct JoinRequest: Codable, Hashable, Sendable {
    /// Where this node listens, `host:port`.
    package var listenAddr: String?
    /// Where others find it, `host[:port]`.
    package var advertiseAddr: String?
    /// Where overlay networks find it.
    package var dataPathAddr: String?
    /// Managers of the swarm, `host:port`.
    package var remoteAddrs: [String]?
    /// The token that decides the role.
    package var joinToken: String?
    /// `active`, `pause`, `drain`, or empty for active.
    package var availability: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case listenAddr = "ListenAddr"
      case advertiseAddr = "AdvertiseAddr"
      case dataPathAddr = "DataPathAddr"
      case remoteAddrs = "RemoteAddrs"
      case joinToken = "JoinToken"
      case availability = "Availability"
    }
  }

  /// The body of `POST /swarm/unlock`, and the answer to `GET /swarm/unlockkey`.
  package struct UnlockKey: Codable, Hashable, Sendable {
    /// `SWMKEY-1-…`, or empty.
    package var unlockKey: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case unlockKey = "UnlockKey"
    }
  }

  /// The answer to `POST /services/create`.
  package struct ServiceCreated: Codable, Hashable, Sendable {
    /// The new service.
    package var id: String?
    /// Something the user should know.
    package var warning: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case id = "ID"
      case warning = "Warning"
    }
  }

  /// The answer to `POST /services/{id}/update`.
  package struct ServiceUpdated: Codable, Hashable, Sendable {
    /// What the user should know.
    package var warnings: [String]?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case warnings = "Warnings"
    }
  }

  /// The answer to a request that failed.
  package struct ErrorBody: Codable, Hashable, Sendable {
    /// What went wrong.
    package var message: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case message
    }
  }
}
