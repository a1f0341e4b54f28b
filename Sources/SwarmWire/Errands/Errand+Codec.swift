// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

extension Errand: WireRecord {
  package static var blank: Self { Self(id: .blank, work: nil) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.id)
    try fields.visit(2, &self.execField)
    try fields.visit(3, &self.usageField)
  }

  /// Work that isn't known here is refused in the answer.
  package mutating func keepUnknownField(_ field: ArraySlice<UInt8>) {}

  private var usageField: Bool {
    get { self.work == .usage }
    set { if newValue { self.work = .usage } }
  }

  private var execField: TaskCommand? {
    get {
      guard case .exec(let command) = self.work else { return nil }
      return command
    }
    set {
      if let newValue { self.work = .exec(newValue) }
    }
  }
}

extension TaskCommand: WireRecord {
  package static var blank: Self { Self(task: .blank, request: .blank) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.task)
    try fields.visit(2, &self.request)
  }
}

/// A field that isn't known asks for something that would be missing: it is refused.
extension ExecRequest: WireRecord {
  package static var blank: Self { Self([]) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.arguments)
    try fields.visit(2, &self.environment)
    try fields.visit(3, &self.directory)
    try fields.visit(4, &self.user)
    try fields.visit(5, &self.terminal)
    try fields.visit(6, &self.takesInput)
  }
}

extension TerminalSize: WireRecord {
  package static var blank: Self { Self(columns: 0, rows: 0) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    var (columns, rows) = (UInt32(self.columns), UInt32(self.rows))
    try fields.visit(1, &columns)
    try fields.visit(2, &rows)
    (self.columns, self.rows) = (UInt16(clamping: columns), UInt16(clamping: rows))
  }

  package mutating func keepUnknownField(_ field: ArraySlice<UInt8>) {}
}
