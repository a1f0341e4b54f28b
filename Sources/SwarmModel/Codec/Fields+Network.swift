// SPDX-License-Identifier: Apache-2.0

extension NetworkAttachmentConfig: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.target)
    try fields.visit(2, &self.aliases)
    try fields.visit(3, &self.addresses)
    try fields.visit(4, &self.driverAttachmentOpts)
  }
}

extension NetworkAttachment: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.network)
    try fields.visit(2, &self.addresses)
    try fields.visit(3, &self.aliases)
    try fields.visit(4, &self.driverAttachmentOpts)
  }
}

extension IPAMConfig: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.family)
    try fields.visit(2, &self.subnet)
    try fields.visit(3, &self.range)
    try fields.visit(4, &self.gateway)
    try fields.visit(5, &self.reserved)
  }
}

extension IPAMConfig.AddressFamily: WireEnum {
  package static var blank: Self { .unknown }
}

extension IPAMOptions: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.driver)
    try fields.visit(3, &self.configs)
  }
}

extension NetworkSpec: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.annotations)
    try fields.visit(2, &self.driverConfig)
    try fields.visit(3, &self.ipv6Enabled)
    try fields.visit(4, &self.internal)
    try fields.visit(5, &self.ipam)
    try fields.visit(6, &self.attachable)
    try fields.visit(7, &self.ingress)
  }
}

extension Network: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.id)
    try fields.visit(2, &self.meta)
    try fields.visit(3, &self.spec)
    try fields.visit(4, &self.driverState)
    try fields.visit(5, &self.ipam)
    try fields.visit(6, &self.pendingDelete)
  }
}
