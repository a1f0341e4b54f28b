// SPDX-License-Identifier: Apache-2.0

extension Annotations: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.name)
    try fields.visit(2, &self.labels)
  }
}

extension Driver: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.name)
    try fields.visit(2, &self.options)
  }
}

extension Platform: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.architecture)
    try fields.visit(2, &self.os)
  }
}

extension Resources: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.nanoCPUs)
    try fields.visit(2, &self.memoryBytes)
    try fields.visit(3, &self.generic)
  }
}

extension ResourceRequirements: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.limits)
    try fields.visit(2, &self.reservations)
    try fields.visitWrapped(3, &self.swapBytes)
    try fields.visitWrapped(4, &self.memorySwappiness)
  }
}
