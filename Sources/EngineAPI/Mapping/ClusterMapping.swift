// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import Swarm
internal import SwarmModel

extension Cluster {
  /// The swarm as the API shows it, without its tokens.
  var apiValue: Engine.Swarm {
    var swarm = Engine.Swarm()
    swarm.id = self.id.description
    swarm.version = self.meta.version.apiValue
    swarm.createdAt = self.meta.createdAt.apiValue
    swarm.updatedAt = self.meta.updatedAt.apiValue
    swarm.spec = self.spec.apiValue
    swarm.tlsInfo = self.tlsInfo?.apiValue ?? Engine.TLSInfo()
    swarm.rootRotationInProgress = self.rootCA.rootRotation != nil
    swarm.dataPathPort = self.dataPathPort == 0 ? 4789 : self.dataPathPort
    swarm.defaultAddrPool = self.defaultAddressPool.nonEmpty
    swarm.subnetSize = self.subnetSize == 0 ? 24 : self.subnetSize
    return swarm
  }
}

extension ClusterSpec {
  /// The specification that a user sent; what it leaves out, or sets to zero where zero makes no sense, stays as it is.
  init(_ spec: Engine.SwarmSpec, keeping current: ClusterSpec) throws(APIFailure) {
    self = current
    guard (spec.name ?? "").isEmpty || spec.name == "default" else { throw .badRequest("swarm spec must be named \"default\"") }
    if let labels = spec.labels { self.annotations.labels = labels }
    if let limit = spec.orchestration?.taskHistoryRetentionLimit { self.orchestration.taskHistoryRetentionLimit = limit }
    if let raft = spec.raft { self.raft.merge(raft) }
    if let period = spec.dispatcher?.heartbeatPeriod?.nonZero { self.dispatcher.heartbeatPeriod = .nanoseconds(period) }
    if let ca = spec.caConfig { try self.caConfig.merge(ca) }
    if let driver = spec.taskDefaults?.logDriver { self.taskDefaults.logDriver = Driver(driver) }
    if let locks = spec.encryptionConfig?.autoLockManagers { self.encryptionConfig.autoLockManagers = locks }
  }

  var apiValue: Engine.SwarmSpec {
    var spec = Engine.SwarmSpec()
    spec.name = self.annotations.name
    spec.labels = self.annotations.labels
    spec.orchestration = Engine.Orchestration()
    spec.orchestration?.taskHistoryRetentionLimit = self.orchestration.taskHistoryRetentionLimit
    spec.raft = self.raft.apiValue
    spec.dispatcher = Engine.Dispatcher()
    spec.dispatcher?.heartbeatPeriod = self.dispatcher.heartbeatPeriod.apiValue
    spec.caConfig = Engine.CAConfig()
    spec.caConfig?.nodeCertExpiry = self.caConfig.nodeCertExpiry.apiValue
    spec.caConfig?.forceRotate = self.caConfig.forceRotate.nonZero
    spec.taskDefaults = Engine.TaskDefaults()
    spec.taskDefaults?.logDriver = self.taskDefaults.logDriver?.apiValue
    spec.encryptionConfig = Engine.EncryptionConfig()
    spec.encryptionConfig?.autoLockManagers = self.encryptionConfig.autoLockManagers
    return spec
  }
}

extension RaftConfig {
  fileprivate mutating func merge(_ settings: Engine.RaftSettings) {
    if let interval = settings.snapshotInterval?.nonZero { self.snapshotInterval = interval }
    if let old = settings.keepOldSnapshots { self.keepOldSnapshots = old }
    if let entries = settings.logEntriesForSlowFollowers?.nonZero { self.logEntriesForSlowFollowers = entries }
    if let ticks = settings.electionTick?.nonZero { self.electionTick = UInt32(clamping: ticks) }
    if let ticks = settings.heartbeatTick?.nonZero { self.heartbeatTick = UInt32(clamping: ticks) }
  }

  fileprivate var apiValue: Engine.RaftSettings {
    var settings = Engine.RaftSettings()
    settings.snapshotInterval = self.snapshotInterval
    settings.keepOldSnapshots = self.keepOldSnapshots
    settings.logEntriesForSlowFollowers = self.logEntriesForSlowFollowers
    settings.electionTick = Int64(self.electionTick)
    settings.heartbeatTick = Int64(self.heartbeatTick)
    return settings
  }
}

extension CAConfig {
  fileprivate mutating func merge(_ config: Engine.CAConfig) throws(APIFailure) {
    guard config.externalCAs?.isEmpty ?? true else { throw .notAvailable("external certificate authorities are") }
    self.signingCACert = Array((config.signingCACert ?? "").utf8)
    self.signingCAKey = Array((config.signingCAKey ?? "").utf8)
    if let forced = config.forceRotate { self.forceRotate = forced }
    if let expiry = config.nodeCertExpiry?.nonZero { self.nodeCertExpiry = .nanoseconds(expiry) }
  }
}
