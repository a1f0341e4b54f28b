// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The command `swarmctl swarm init`.
struct SwarmInitCommand: SessionCommand, LocallyChecked {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Start a new swarm with this node as its manager."
  )

  @Option(parsing: .unconditional, help: "Where other nodes reach this one, HOST[:PORT].")
  var advertiseAddr = ""

  @Option(parsing: .unconditional, help: "The node-to-node port, HOST:PORT.")
  var listenAddr = "0.0.0.0:2377"

  @Option(parsing: .unconditional, help: "Whether the node takes tasks: active, pause or drain.")
  var availability = ""

  @Flag(inversion: .prefixedNo, help: "Go on alone with the state at hand, when the other managers are lost for good.")
  var forceNewCluster = false

  @OptionGroup var path: DataPathFlags

  @Option(parsing: .unconditional, help: "The port of overlay networks.")
  var dataPathPort: UInt32?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Where networks get their subnets from.", valueName: "cidr")
  )
  var defaultAddrPool: [String] = []

  @Option(parsing: .unconditional, help: "How many bits the addresses of such a subnet share. (default: 24)")
  var defaultAddrPoolMaskLength: UInt32?

  @OptionGroup var settings: SwarmSettings

  func check() throws {
    try self.settings.check()
    for pool in CommaSeparated.elements(self.defaultAddrPool) where AddressRange(pool) == nil {
      throw CommandFailure.flags(
        "invalid argument \"\(pool)\" for \"--default-addr-pool\" flag: invalid string being converted to CIDR: \(pool)"
      )
    }
  }

  func run(in session: CommandSession) async throws {
    var request = Engine.InitRequest()
    request.forceNewCluster = self.forceNewCluster
    request.autoLockManagers = self.settings.autolock
    request.listenAddr = self.listenAddr
    request.advertiseAddr = self.advertiseAddr
    request.availability = self.availability
    request.dataPathAddr = self.path.dataPathAddr
    request.dataPathPort = self.dataPathPort
    if !self.defaultAddrPool.isEmpty { request.defaultAddrPool = CommaSeparated.elements(self.defaultAddrPool) }
    request.subnetSize = self.defaultAddrPoolMaskLength
    request.spec = self.settings.applied(to: Engine.SwarmSpec())
    let id = try await session.client.initialize(request)
    session.console.print("Swarm initialized: current node (\(id)) is now a manager.\n")
    try await JoinHint(role: "worker").show(in: session)
    session.console.print(
      "To add a manager to this swarm, run 'swarmctl swarm join-token manager' and follow the instructions.\n"
    )
    if self.settings.autolock ?? false { UnlockHint(key: try await session.client.unlockKey()).show(in: session) }
  }
}

/// The flags about overlay networks that `swarm init` and `swarm join` share.
struct DataPathFlags: ParsableArguments {
  @Option(parsing: .unconditional, help: "Where overlay networks reach this node, an address or an interface.")
  var dataPathAddr: String?
}

/// The flags that `swarm init` and `swarm update` share.
struct SwarmSettings: ParsableArguments {
  @Option(parsing: .unconditional, help: "How many ended tasks are kept per slot.")
  var taskHistoryLimit: Int64?

  @Option(parsing: .unconditional, help: "How often workers report, for example 5s.")
  var dispatcherHeartbeat: DurationValue?

  @Option(parsing: .unconditional, help: "How long certificates of nodes are valid, for example 2160h.")
  var certExpiry: DurationValue?

  @Option(parsing: .unconditional, help: "Log entries between two snapshots.")
  var snapshotInterval: CountValue?

  @Option(parsing: .unconditional, help: "How many snapshots are kept beside the newest.")
  var maxSnapshots: CountValue?

  @Flag(inversion: .prefixedNo, help: "Whether a restarted manager must be unlocked.")
  var autolock: Bool?

  @Option(parsing: .unconditionalSingleValue, help: .hidden)
  var externalCa: [String] = []

  /// Refuses what isn't there.
  func check() throws(CommandFailure) {
    guard self.externalCa.isEmpty else {
      throw CommandFailure("--external-ca: external certificate authorities are not available yet in swift-swarm")
    }
  }

  /// Whether any flag was given.
  var isEmpty: Bool {
    self.taskHistoryLimit == nil && self.dispatcherHeartbeat == nil && self.certExpiry == nil && self.snapshotInterval == nil
      && self.maxSnapshots == nil && self.autolock == nil
  }

  func applied(to current: Engine.SwarmSpec) -> Engine.SwarmSpec {
    var spec = current
    if let limit = self.taskHistoryLimit {
      spec.orchestration = spec.orchestration ?? Engine.Orchestration()
      spec.orchestration?.taskHistoryRetentionLimit = limit
    }
    if let heartbeat = self.dispatcherHeartbeat {
      spec.dispatcher = spec.dispatcher ?? Engine.Dispatcher()
      spec.dispatcher?.heartbeatPeriod = heartbeat.nanoseconds
    }
    if let expiry = self.certExpiry {
      spec.caConfig = spec.caConfig ?? Engine.CAConfig()
      spec.caConfig?.nodeCertExpiry = expiry.nanoseconds
    }
    if let interval = self.snapshotInterval {
      spec.raft = spec.raft ?? Engine.RaftSettings()
      spec.raft?.snapshotInterval = interval.count
    }
    if let snapshots = self.maxSnapshots {
      spec.raft = spec.raft ?? Engine.RaftSettings()
      spec.raft?.keepOldSnapshots = snapshots.count
    }
    if let autolock {
      spec.encryptionConfig = spec.encryptionConfig ?? Engine.EncryptionConfig()
      spec.encryptionConfig?.autoLockManagers = autolock
    }
    return spec
  }
}

/// The lines that tell how to add a node.
struct JoinHint: Sendable {
  /// `worker` or `manager`.
  var role: String

  func show(in session: CommandSession) async throws {
    let tokens = try await session.client.swarm().joinTokens
    let info = try await session.client.info()
    let node = try await session.client.node(info.swarm?.nodeID ?? "")
    let token = (self.role == "manager" ? tokens?.manager : tokens?.worker) ?? ""
    let join = "swarm join --token \(token) \(node.managerStatus?.addr ?? "")\n"
    session.console.print("To add a \(self.role) to this swarm, run the following command:\n")
    session.console.print("    swarmctl \(join)")
    guard self.role == "worker" else { return }
    session.console.print("or, on a machine whose Docker Engine is to be the worker:\n")
    session.console.print("    docker \(join)")
  }
}
