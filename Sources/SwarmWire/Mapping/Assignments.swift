// SPDX-License-Identifier: Apache-2.0

package import SwarmControl
package import SwarmModel

// These messages carry nearly all that managers and agents tell each other, so they are written and read without SwarmKit's generated
// ones; a test holds them against those.

extension AssignmentsMessage: WireRecord {
  package static var blank: Self { Self(kind: .complete, appliesTo: "", resultsIn: "", changes: []) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.kind)
    try fields.visit(2, &self.appliesTo)
    try fields.visit(3, &self.resultsIn)
    try fields.visit(4, &self.changes)
  }

  /// A newer version's fields are skipped.
  package mutating func keepUnknownField(_ field: ArraySlice<UInt8>) throws(SwarmError) {
    try UnknownValue.refuse(field, 1, "a list of assignments is neither whole nor a difference")
  }
}

extension AssignmentsMessage.Kind: WireEnum {
  package static var blank: Self { .complete }
}

extension AssignmentChange: WireElement {
  package static func write(_ changes: [Self], _ number: Int, to writer: inout WireWriter) {
    for change in changes {
      let record = AssignmentChangeRecord(assignment: AssignmentRecord(object: change.object), action: change.action)
      record.write(number, to: &writer)
    }
  }

  /// Skips cluster volumes and kinds of a newer version, which no agent of ours uses.
  package static func read(_ value: WireValue, into changes: inout [Self]) throws(SwarmError) -> Bool {
    var record = AssignmentChangeRecord.blank
    guard try record.read(value) else { return false }
    guard let object = record.assignment.object else { return true }
    guard object.isIdentified else { throw SwarmError(code: .invalidArgument, message: "what is assigned has no id") }
    changes.append(Self(action: record.action, object: object))
    return true
  }
}

extension AssignmentChange.Action: WireEnum {
  package static var blank: Self { .update }
}

extension AssignmentChange.Object {
  fileprivate var isIdentified: Bool {
    switch self {
    case .task(let task): task.id != .blank
    case .secret(let secret): secret.id != .blank
    case .config(let config): config.id != .blank
    }
  }
}

private struct AssignmentChangeRecord: WireRecord {
  var assignment: AssignmentRecord
  var action: AssignmentChange.Action

  static var blank: Self { Self(assignment: .blank, action: .blank) }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.assignment)
    try fields.visit(2, &self.action)
  }

  mutating func keepUnknownField(_ field: ArraySlice<UInt8>) throws(SwarmError) {
    try UnknownValue.refuse(field, 2, "an assignment is neither set nor removed")
  }
}

private struct AssignmentRecord: WireRecord {
  var object: AssignmentChange.Object?

  static var blank: Self { Self(object: nil) }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.task)
    try fields.visit(2, &self.secret)
    try fields.visit(3, &self.config)
  }

  mutating func keepUnknownField(_ field: ArraySlice<UInt8>) {}

  private var task: SwarmTask? {
    get { if case .task(let task) = self.object { task } else { nil } }
    set { if let newValue { self.object = .task(newValue) } }
  }

  private var secret: Secret? {
    get { if case .secret(let secret) = self.object { secret } else { nil } }
    set { if let newValue { self.object = .secret(newValue) } }
  }

  private var config: Config? {
    get { if case .config(let config) = self.object { config } else { nil } }
    set { if let newValue { self.object = .config(newValue) } }
  }
}
