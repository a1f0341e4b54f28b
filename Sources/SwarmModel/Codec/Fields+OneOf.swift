// SPDX-License-Identifier: Apache-2.0

// Enumerations with values are protobuf's `oneof`: each case is a field of the record, and at most one of them is present. Going over
// such a field reads an optional; only a value that is present is written back into the enumeration.

extension ServiceMode {
  var replicatedField: Replicated? {
    get {
      guard case .replicated(let replicas) = self else { return nil }
      return Replicated(replicas: replicas)
    }
    set {
      guard let newValue else { return }
      self = .replicated(replicas: newValue.replicas)
    }
  }

  var globalField: NoFields? {
    get { self == .global ? NoFields() : nil }
    set {
      guard newValue != nil else { return }
      self = .global
    }
  }

  var replicatedJobField: ReplicatedJob? {
    get {
      guard case .replicatedJob(let maxConcurrent, let totalCompletions) = self else { return nil }
      return ReplicatedJob(maxConcurrent: maxConcurrent, totalCompletions: totalCompletions)
    }
    set {
      guard let newValue else { return }
      self = .replicatedJob(maxConcurrent: newValue.maxConcurrent, totalCompletions: newValue.totalCompletions)
    }
  }

  var globalJobField: NoFields? {
    get { self == .globalJob ? NoFields() : nil }
    set {
      guard newValue != nil else { return }
      self = .globalJob
    }
  }

  struct Replicated: WireRecord {
    var replicas: UInt64 = 0

    static var blank: Self { Self() }

    mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
      try fields.visit(1, &self.replicas)
    }

    mutating func keepUnknownField(_ field: ArraySlice<UInt8>) {}
  }

  struct ReplicatedJob: WireRecord {
    var maxConcurrent: UInt64 = 0
    var totalCompletions: UInt64 = 0

    static var blank: Self { Self() }

    mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
      try fields.visit(1, &self.maxConcurrent)
      try fields.visit(2, &self.totalCompletions)
    }

    mutating func keepUnknownField(_ field: ArraySlice<UInt8>) {}
  }

  struct NoFields: WireRecord {
    static var blank: Self { Self() }

    mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {}

    mutating func keepUnknownField(_ field: ArraySlice<UInt8>) {}
  }
}

extension GenericResource: WireRecord, WireElement {
  package static var blank: Self { .discrete(kind: "", value: 0) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.namedField)
    try fields.visit(2, &self.discreteField)
  }

  package mutating func keepUnknownField(_ field: ArraySlice<UInt8>) {}

  private var namedField: KindAndValue<String>? {
    get {
      guard case .named(let kind, let value) = self else { return nil }
      return KindAndValue(kind: kind, value: value)
    }
    set {
      guard let newValue else { return }
      self = .named(kind: newValue.kind, value: newValue.value)
    }
  }

  private var discreteField: KindAndValue<Int64>? {
    get {
      guard case .discrete(let kind, let value) = self else { return nil }
      return KindAndValue(kind: kind, value: value)
    }
    set {
      guard let newValue else { return }
      self = .discrete(kind: newValue.kind, value: newValue.value)
    }
  }

  private struct KindAndValue<Value: WireField>: WireRecord {
    var kind: String
    var value: Value

    static var blank: Self { Self(kind: "", value: .blank) }

    mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
      try fields.visit(1, &self.kind)
      try fields.visit(2, &self.value)
    }

    mutating func keepUnknownField(_ field: ArraySlice<UInt8>) {}
  }
}

extension TaskRuntime: WireField {
  package static var blank: Self { .other }

  package func write(_ number: Int, to writer: inout WireWriter) {
    guard case .container(let container) = self else { return }
    container.write(number, to: &writer)
  }

  package mutating func read(_ value: WireValue) throws(SwarmError) -> Bool {
    var container = ContainerSpec.blank
    if case .container(let known) = self { container = known }
    guard try container.read(value) else { return false }
    self = .container(container)
    return true
  }
}

extension TaskSpecBox: WireField {
  package static var blank: TaskSpecBox { .empty }
}

extension WireField where Self == TaskSpecBox {
  package func write(_ number: Int, to writer: inout WireWriter) {
    self.value.write(number, to: &writer)
  }

  package mutating func read(_ value: WireValue) throws(SwarmError) -> Bool {
    var spec = self.value
    guard try spec.read(value) else { return false }
    self = TaskSpecBox(spec)
    return true
  }
}
