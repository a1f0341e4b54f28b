// SPDX-License-Identifier: Apache-2.0
internal import DequeModule
package import SwarmModel

/// A task in a snapshot.
struct SnapshotTask: WireRecord {
  /// The position of the task's specification in the snapshot's table, plus one; 0 when the task holds it itself.
  var spec: UInt64 = 0
  /// The task, without a specification that is in the table.
  var task = SwarmTask.blank

  static var blank: Self { Self() }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.spec)
    try fields.visit(2, &self.task)
  }
}

/// A client's session in a snapshot.
struct SnapshotClient: WireRecord {
  var client = ClientID.blank
  var session = ClientSessions.Session()

  static var blank: Self { Self() }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.client)
    try fields.visit(2, &self.session.forgottenUpTo)
    try fields.visit(3, &self.session.lastUsed)
    var outcomes = Array(self.session.outcomes)
    try fields.visit(4, &outcomes)
    self.session.outcomes = Deque(outcomes)
  }
}

extension ClientSessions.Remembered: WireRecord, WireElement {
  static var blank: Self { Self() }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.sequence)
    try fields.visit(2, &self.outcome)
  }
}

extension Outcome: WireRecord {
  package static var blank: Self { Self(version: .zero) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.version)
    try fields.visit(2, &self.subject)
    try fields.visit(3, &self.error)
  }
}
