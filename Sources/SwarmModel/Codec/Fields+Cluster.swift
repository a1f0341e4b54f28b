// SPDX-License-Identifier: Apache-2.0

extension OrchestrationConfig: WireMessage {
  package static var blank: Self { Self(taskHistoryRetentionLimit: 0) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.taskHistoryRetentionLimit)
    try fields.visit(OwnField.rebalanceBudget, &self.rebalanceBudget)
  }
}

extension RaftConfig: WireMessage {
  package static var blank: Self { Self(snapshotInterval: 0, logEntriesForSlowFollowers: 0, heartbeatTick: 0, electionTick: 0) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.snapshotInterval)
    try fields.visit(2, &self.keepOldSnapshots)
    try fields.visit(3, &self.logEntriesForSlowFollowers)
    try fields.visit(4, &self.heartbeatTick)
    try fields.visit(5, &self.electionTick)
  }
}

extension DispatcherConfig: WireMessage {
  package static var blank: Self { Self(heartbeatPeriod: .zero) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.heartbeatPeriod)
  }
}

extension ExternalCA: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.protocol)
    try fields.visit(2, &self.url)
    try fields.visit(3, &self.options)
    try fields.visit(4, &self.caCert)
  }
}

extension ExternalCA.ProtocolKind: WireEnum {
  package static var blank: Self { .cfssl }
}

extension CAConfig: WireMessage {
  package static var blank: Self { Self(nodeCertExpiry: .zero) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.nodeCertExpiry)
    try fields.visit(2, &self.externalCAs)
    try fields.visit(3, &self.signingCACert)
    try fields.visit(4, &self.signingCAKey)
    try fields.visit(5, &self.forceRotate)
  }
}

extension TaskDefaults: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.logDriver)
  }
}

extension EncryptionConfig: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.autoLockManagers)
  }
}

extension ClusterSpec: WireMessage {
  package static var blank: Self {
    Self(annotations: Annotations(), orchestration: .blank, raft: .blank, dispatcher: .blank, caConfig: .blank)
  }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.annotations)
    try fields.visit(3, &self.orchestration)
    try fields.visit(4, &self.raft)
    try fields.visit(5, &self.dispatcher)
    try fields.visit(6, &self.caConfig)
    try fields.visit(7, &self.taskDefaults)
    try fields.visit(8, &self.encryptionConfig)
  }
}

extension NetworkKey: WireMessage {
  package static var blank: Self { Self() }

  // SwarmKit's field 2 names the algorithm; AES-128-GCM, its only one, is 0.
  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.subsystem)
    try fields.visit(3, &self.key)
    try fields.visit(4, &self.lamportTime)
  }
}

extension Cluster: WireMessage {
  package static var blank: Self { Self(spec: .blank) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.id)
    try fields.visit(2, &self.meta)
    try fields.visit(3, &self.spec)
    try fields.visit(4, &self.rootCA)
    try fields.visit(5, &self.networkBootstrapKeys)
    try fields.visit(9, &self.unlockKeys)
    try fields.visit(11, &self.defaultAddressPool)
    try fields.visit(12, &self.subnetSize)
    try fields.visit(13, &self.dataPathPort)
    try fields.visit(OwnField.featureLevel, &self.featureLevel)
  }
}
