// SPDX-License-Identifier: Apache-2.0

extension NodeRole: WireEnum {
  package static var blank: Self { .worker }
}

extension NodeSpec: WireMessage {
  package static var blank: Self { Self(membership: .pending) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.annotations)
    try fields.visit(2, &self.desiredRole)
    try fields.visit(3, &self.membership)
    try fields.visit(4, &self.availability)
  }
}

extension NodeSpec.Membership: WireEnum {
  package static var blank: Self { .pending }
}

extension NodeSpec.Availability: WireEnum {
  package static var blank: Self { .active }
}

extension PluginDescription: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.type)
    try fields.visit(2, &self.name)
  }
}

extension EngineDescription: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.engineVersion)
    try fields.visit(2, &self.labels)
    try fields.visit(3, &self.plugins)
  }
}

extension NodeTLSInfo: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.trustRoot)
    try fields.visit(2, &self.certIssuerSubject)
    try fields.visit(3, &self.certIssuerPublicKey)
  }
}

extension NodeDescription: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.hostname)
    try fields.visit(2, &self.platform)
    try fields.visit(3, &self.resources)
    try fields.visit(4, &self.engine)
    try fields.visit(5, &self.tlsInfo)
    try fields.visit(6, &self.fips)
  }
}

extension NodeStatus: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.state)
    try fields.visit(2, &self.message)
    try fields.visit(3, &self.addr)
  }
}

extension NodeStatus.State: WireEnum {
  package static var blank: Self { .unknown }
}

extension Reachability: WireEnum {
  package static var blank: Self { .unknown }
}

extension ManagerStatus: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.raftID)
    try fields.visit(2, &self.addr)
    try fields.visit(3, &self.leader)
    try fields.visit(4, &self.reachability)
  }
}

extension Node: WireMessage {
  package static var blank: Self { Self(spec: .blank) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.id)
    try fields.visit(2, &self.meta)
    try fields.visit(3, &self.spec)
    try fields.visit(4, &self.description)
    try fields.visit(5, &self.status)
    try fields.visit(6, &self.managerStatus)
    try fields.visit(8, &self.certificate)
    try fields.visit(9, &self.role)
  }
}
