// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

extension TaskUsage: WireRecord, WireElement {
  package static var blank: Self { Self(task: .blank) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.task)
    var nanoseconds = self.cpuTime.wireNanoseconds
    try fields.visit(2, &nanoseconds)
    self.cpuTime = .nanoseconds(nanoseconds)
    try fields.visit(3, &self.memoryBytes)
    try fields.visit(4, &self.memoryLimit)
    try fields.visit(5, &self.processes)
  }

  package mutating func keepUnknownField(_ field: ArraySlice<UInt8>) {}
}

extension NodeUsage: WireRecord, WireElement {
  package static var blank: Self { Self(node: .blank) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.node)
    var (time, nanoseconds) = (self.time.nanoseconds, self.cpuTime.wireNanoseconds)
    try fields.visit(2, &time)
    try fields.visit(3, &self.processors)
    try fields.visit(4, &nanoseconds)
    (self.time, self.cpuTime) = (Timestamp(nanoseconds: time), .nanoseconds(nanoseconds))
    try fields.visit(5, &self.memoryBytes)
    try fields.visit(6, &self.memoryTotal)
    try fields.visit(7, &self.tasks)
  }

  package mutating func keepUnknownField(_ field: ArraySlice<UInt8>) {}
}

/// What a node answers, and what managers ask each other for.
struct UsageReport: WireRecord {
  var errand: ErrandID?
  /// In a question: of which nodes; none are all.
  var nodes: [NodeID] = []
  /// In an answer.
  var usages: [NodeUsage] = []

  static var blank: Self { Self() }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.errand)
    try fields.visit(2, &self.nodes)
    try fields.visit(3, &self.usages)
  }

  mutating func keepUnknownField(_ field: ArraySlice<UInt8>) {}
}

extension Duration {
  /// Whole nanoseconds; what is longer than 292 years is 292 years.
  fileprivate var wireNanoseconds: Int64 {
    let (seconds, attoseconds) = self.components
    let (product, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return isTooLong ? .max : product + attoseconds / 1_000_000_000
  }
}
