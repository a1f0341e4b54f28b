// SPDX-License-Identifier: Apache-2.0

/// What goes over the fields of a record: a writer or a reader.
///
/// Each record lists its fields once (``WireRecord/visitFields(_:)``); writing and reading follow the same list and so can't drift
/// apart.
package protocol FieldVisitor {
  /// What going over a field can throw.
  associatedtype Failure: Error

  /// Goes over one field.
  mutating func visit<Field: WireField>(_ number: Int, _ field: inout Field) throws(Failure)
}

extension FieldVisitor {
  /// Goes over a scalar that is a message of its own (`google.protobuf.Int64Value` and so on), so that absent differs from zero.
  package mutating func visitWrapped<Value: WireField & Sendable>(
    _ number: Int,
    _ field: inout Value?
  ) throws(Failure) {
    var wrapped = field.map { WrappedScalar(value: $0) }
    try self.visit(number, &wrapped)
    field = wrapped?.value
  }
}

/// The numbers of fields that SwarmKit doesn't have.
enum OwnField {
  /// ``Version/ordinal``.
  static let ordinal = 1000
  /// ``SwarmTask/startAt``.
  static let startAt = 1000
  /// ``Placement/strategy``.
  static let strategy = 1000
  /// ``ServiceSpec/dependencies``.
  static let dependencies = 1000
  /// ``ServiceSpec/schedule``.
  static let schedule = 1001
  /// ``Service/isStopped``.
  static let isStopped = 1000
  /// ``OrchestrationConfig/rebalanceBudget``.
  static let rebalanceBudget = 1000
  /// ``Cluster/featureLevel``.
  static let featureLevel = 1000
}

private struct WrappedScalar<Value: WireField & Sendable>: WireRecord {
  var value: Value

  static var blank: Self { Self(value: .blank) }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.value)
  }

  mutating func keepUnknownField(_ field: ArraySlice<UInt8>) {}
}
