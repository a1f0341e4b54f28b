// SPDX-License-Identifier: Apache-2.0

package import SwarmControl
package import SwarmModel

/// What an agent tells of its tasks.
package struct TaskStatusReport: Sendable, Hashable {
  /// The session's id, as it was sent.
  package var session: String
  /// What was observed.
  package var updates: [TaskStatusUpdate]

  package init(session: String, updates: [TaskStatusUpdate]) {
    self.session = session
    self.updates = updates
  }
}

extension TaskStatusReport: WireRecord {
  package static var blank: Self { Self(session: "", updates: []) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.session)
    try fields.visit(3, &self.updates)
  }

  package mutating func keepUnknownField(_ field: ArraySlice<UInt8>) {}
}

extension TaskStatusUpdate: WireRecord, WireElement {
  package static var blank: Self { Self(task: .blank, status: .blank) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.task)
    try fields.visit(2, &self.status)
  }

  package mutating func keepUnknownField(_ field: ArraySlice<UInt8>) throws(SwarmError) {
    try UnknownValue.refuse(field, 1, "a status names no task")
  }
}
