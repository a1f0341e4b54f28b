// SPDX-License-Identifier: Apache-2.0

extension Engine {
  /// The swarm as a whole.
  package struct Swarm: Codable, Hashable, Sendable {
    /// The object's 25-character id.
    package var id: String?
    /// Grows with each write of the object; an update must name the one it was read at.
    package var version: ObjectVersion?
    /// When the object was made.
    package var createdAt: EngineTime?
    /// When the object was last written.
    package var updatedAt: EngineTime?
    /// What users want of it.
    package var spec: SwarmSpec?
    /// Its certificate authority.
    package var tlsInfo: TLSInfo?
    /// Whether its certificate authority is being replaced.
    package var rootRotationInProgress: Bool?
    /// The port of overlay networks.
    package var dataPathPort: UInt32?
    /// Where subnets are taken from.
    package var defaultAddrPool: [String]?
    /// The prefix length of such a subnet.
    package var subnetSize: UInt32?
    /// What a node needs to join.
    package var joinTokens: JoinTokens?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case id = "ID"
      case version = "Version"
      case createdAt = "CreatedAt"
      case updatedAt = "UpdatedAt"
      case spec = "Spec"
      case tlsInfo = "TLSInfo"
      case rootRotationInProgress = "RootRotationInProgress"
      case dataPathPort = "DataPathPort"
      case defaultAddrPool = "DefaultAddrPool"
      case subnetSize = "SubnetSize"
      case joinTokens = "JoinTokens"
    }
  }

  /// What a node needs to join.
  package struct JoinTokens: Codable, Hashable, Sendable {
    /// As a worker.
    package var worker: String?
    /// As a manager.
    package var manager: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case worker = "Worker"
      case manager = "Manager"
    }
  }

  /// What users want of a swarm.
  package struct SwarmSpec: Codable, Hashable, Sendable {
    /// Always `default`.
    package var name: String?
    /// Labels of the swarm.
    package var labels: [String: String]?
    /// How tasks are kept.
    package var orchestration: Orchestration?
    /// How managers agree.
    package var raft: RaftSettings?
    /// How workers report.
    package var dispatcher: Dispatcher?
    /// How certificates are made.
    package var caConfig: CAConfig?
    /// What tasks get that don't say otherwise.
    package var taskDefaults: TaskDefaults?
    /// How managers keep their keys.
    package var encryptionConfig: EncryptionConfig?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case name = "Name"
      case labels = "Labels"
      case orchestration = "Orchestration"
      case raft = "Raft"
      case dispatcher = "Dispatcher"
      case caConfig = "CAConfig"
      case taskDefaults = "TaskDefaults"
      case encryptionConfig = "EncryptionConfig"
    }
  }

  /// How tasks are kept.
  package struct Orchestration: Codable, Hashable, Sendable {
    /// How many ended tasks are kept per slot.
    package var taskHistoryRetentionLimit: Int64?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case taskHistoryRetentionLimit = "TaskHistoryRetentionLimit"
    }
  }

  /// How managers agree.
  package struct RaftSettings: Codable, Hashable, Sendable {
    /// Log entries between two snapshots.
    package var snapshotInterval: UInt64?
    /// Snapshots that are kept beside the newest.
    package var keepOldSnapshots: UInt64?
    /// Log entries that are kept after a snapshot.
    package var logEntriesForSlowFollowers: UInt64?
    /// Ticks without a leader until an election.
    package var electionTick: Int64?
    /// Ticks between heartbeats.
    package var heartbeatTick: Int64?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case snapshotInterval = "SnapshotInterval"
      case keepOldSnapshots = "KeepOldSnapshots"
      case logEntriesForSlowFollowers = "LogEntriesForSlowFollowers"
      case electionTick = "ElectionTick"
      case heartbeatTick = "HeartbeatTick"
    }
  }

  /// How workers report.
  package struct Dispatcher: Codable, Hashable, Sendable {
    /// Nanoseconds between heartbeats.
    package var heartbeatPeriod: Int64?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case heartbeatPeriod = "HeartbeatPeriod"
    }
  }

  /// How certificates are made.
  package struct CAConfig: Codable, Hashable, Sendable {
    /// Nanoseconds that a node's certificate is valid.
    package var nodeCertExpiry: Int64?
    /// Certificate authorities elsewhere.
    package var externalCAs: [JSONValue]?
    /// The certificate to sign with, PEM.
    package var signingCACert: String?
    /// The key to sign with, PEM.
    package var signingCAKey: String?
    /// Counts forced rotations.
    package var forceRotate: UInt64?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case nodeCertExpiry = "NodeCertExpiry"
      case externalCAs = "ExternalCAs"
      case signingCACert = "SigningCACert"
      case signingCAKey = "SigningCAKey"
      case forceRotate = "ForceRotate"
    }
  }

  /// What tasks get that don't say otherwise.
  package struct TaskDefaults: Codable, Hashable, Sendable {
    /// Where their output goes.
    package var logDriver: Driver?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case logDriver = "LogDriver"
    }
  }

  /// How managers keep their keys.
  package struct EncryptionConfig: Codable, Hashable, Sendable {
    /// Whether a restarted manager must be unlocked.
    package var autoLockManagers: Bool?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case autoLockManagers = "AutoLockManagers"
    }
  }
}
