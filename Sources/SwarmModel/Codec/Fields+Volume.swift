// SPDX-License-Identifier: Apache-2.0

extension VolumeSpec: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.annotations)
    try fields.visit(2, &self.group)
    try fields.visit(3, &self.driver)
    try fields.visit(8, &self.availability)
  }
}

extension VolumeSpec.Availability: WireEnum {
  package static var blank: Self { .active }
}

extension Volume: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.id)
    try fields.visit(2, &self.meta)
    try fields.visit(3, &self.spec)
    try fields.visit(6, &self.pendingDelete)
  }
}
