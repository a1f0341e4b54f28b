// SPDX-License-Identifier: Apache-2.0

extension Engine {
  /// A machine of the swarm.
  package struct Node: Codable, Hashable, Sendable {
    /// The object's 25-character id.
    package var id: String?
    /// Grows with each write of the object; an update must name the one it was read at.
    package var version: ObjectVersion?
    /// When the object was made.
    package var createdAt: EngineTime?
    /// When the object was last written.
    package var updatedAt: EngineTime?
    /// What users want of the node.
    package var spec: NodeSpec?
    /// What the node told about itself; absent until it has connected once.
    package var description: NodeDescription?
    /// What the managers see of it.
    package var status: NodeStatus?
    /// Its part in the managers' agreement; absent on workers.
    package var managerStatus: ManagerStatus?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case id = "ID"
      case version = "Version"
      case createdAt = "CreatedAt"
      case updatedAt = "UpdatedAt"
      case spec = "Spec"
      case description = "Description"
      case status = "Status"
      case managerStatus = "ManagerStatus"
    }
  }

  /// What users want of a node.
  package struct NodeSpec: Codable, Hashable, Sendable {
    /// A name of its own; usually absent, the hostname serves.
    package var name: String?
    /// Labels that placement constraints see as `node.labels`.
    package var labels: [String: String]?
    /// `worker` or `manager`.
    package var role: String?
    /// `active`, `pause` or `drain`.
    package var availability: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case name = "Name"
      case labels = "Labels"
      case role = "Role"
      case availability = "Availability"
    }
  }

  /// What a node tells about itself.
  package struct NodeDescription: Codable, Hashable, Sendable {
    /// The node's name.
    package var hostname: String?
    /// What it runs on.
    package var platform: Platform?
    /// What it has to give.
    package var resources: NodeResources?
    /// The software that runs its tasks.
    package var engine: EngineDescription?
    /// The certificate authority that it trusts.
    package var tlsInfo: TLSInfo?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case hostname = "Hostname"
      case platform = "Platform"
      case resources = "Resources"
      case engine = "Engine"
      case tlsInfo = "TLSInfo"
    }
  }

  /// What a node has to give.
  package struct NodeResources: Codable, Hashable, Sendable {
    /// Billionths of a processor.
    package var nanoCPUs: Int64?
    /// Bytes of memory.
    package var memoryBytes: Int64?
    /// Resources that users name themselves.
    package var genericResources: [GenericResource]?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case nanoCPUs = "NanoCPUs"
      case memoryBytes = "MemoryBytes"
      case genericResources = "GenericResources"
    }
  }

  /// The software that runs a node's tasks.
  package struct EngineDescription: Codable, Hashable, Sendable {
    /// Its version.
    package var engineVersion: String?
    /// Labels that placement constraints see as `engine.labels`.
    package var labels: [String: String]?
    /// Its plugins.
    package var plugins: [Plugin]?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case engineVersion = "EngineVersion"
      case labels = "Labels"
      case plugins = "Plugins"
    }
  }

  /// A plugin of a node's engine.
  package struct Plugin: Codable, Hashable, Sendable {
    /// Its kind, for example `Volume`.
    package var type: String?
    /// Its name.
    package var name: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case type = "Type"
      case name = "Name"
    }
  }

  /// A certificate authority.
  package struct TLSInfo: Codable, Hashable, Sendable {
    /// The root certificate in PEM.
    package var trustRoot: String?
    /// The subject of the issuer.
    package var certIssuerSubject: Base64Bytes?
    /// The public key of the issuer.
    package var certIssuerPublicKey: Base64Bytes?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case trustRoot = "TrustRoot"
      case certIssuerSubject = "CertIssuerSubject"
      case certIssuerPublicKey = "CertIssuerPublicKey"
    }
  }

  /// What the managers see of a node.
  package struct NodeStatus: Codable, Hashable, Sendable {
    /// `unknown`, `down`, `ready` or `disconnected`.
    package var state: String?
    /// Why.
    package var message: String?
    /// Where the node was seen.
    package var addr: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case state = "State"
      case message = "Message"
      case addr = "Addr"
    }
  }

  /// A manager's part in the managers' agreement.
  package struct ManagerStatus: Codable, Hashable, Sendable {
    /// Whether it leads; absent when it doesn't.
    package var leader: Bool?
    /// `reachable`, `unreachable` or `unknown`.
    package var reachability: String?
    /// Its address, `host:port`.
    package var addr: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case leader = "Leader"
      case reachability = "Reachability"
      case addr = "Addr"
    }
  }
}
