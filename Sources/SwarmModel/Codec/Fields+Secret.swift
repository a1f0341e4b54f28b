// SPDX-License-Identifier: Apache-2.0

extension SecretSpec: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.annotations)
    try fields.visit(2, &self.data)
    try fields.visit(3, &self.templating)
    try fields.visit(4, &self.driver)
  }
}

extension Secret: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.id)
    try fields.visit(2, &self.meta)
    try fields.visit(3, &self.spec)
    try fields.visit(4, &self.internal)
  }
}

extension ConfigSpec: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.annotations)
    try fields.visit(2, &self.data)
    try fields.visit(3, &self.templating)
  }
}

extension Config: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.id)
    try fields.visit(2, &self.meta)
    try fields.visit(3, &self.spec)
  }
}
