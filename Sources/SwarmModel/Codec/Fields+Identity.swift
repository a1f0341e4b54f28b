// SPDX-License-Identifier: Apache-2.0

extension JoinTokens: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.worker)
    try fields.visit(2, &self.manager)
  }
}

extension RootRotation: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.caCert)
    try fields.visit(2, &self.caKey)
    try fields.visit(3, &self.crossSignedCACert)
  }
}

extension RootCA: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.caKey)
    try fields.visit(2, &self.caCert)
    try fields.visit(3, &self.caCertHash)
    try fields.visit(4, &self.joinTokens)
    try fields.visit(5, &self.rootRotation)
    try fields.visit(6, &self.lastForcedRotation)
  }
}

extension IssuanceStatus.State: WireEnum {
  package static var blank: Self { .unknown }
}

extension IssuanceStatus: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.state)
    try fields.visit(2, &self.err)
  }
}

extension NodeCertificate: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.role)
    try fields.visit(2, &self.csr)
    try fields.visit(3, &self.status)
    try fields.visit(4, &self.certificate)
    try fields.visit(5, &self.cn)
  }
}
