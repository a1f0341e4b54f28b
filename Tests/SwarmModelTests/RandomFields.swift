// SPDX-License-Identifier: Apache-2.0
import SwarmModel

/// Fills every field of a record with chance from a seed, by going over the same list of fields as the codec.
struct RandomFields: FieldVisitor {
  var random: IdentifierGenerator

  init(seed: UInt64) {
    self.random = IdentifierGenerator(seed: seed)
  }

  mutating func record<Record: WireRecord>(_ type: Record.Type = Record.self) -> Record {
    var record = Record.blank
    record.visitFields(&self)
    return record
  }

  mutating func visit<Field: WireField>(_ number: Int, _ field: inout Field) {
    if let value = self.value(Field.self) as? Field {
      field = value
    } else {
      preconditionFailure("no random values of \(Field.self)")
    }
  }

  mutating func value<Value>(_ type: Value.Type) -> Any {
    switch type {
    case is String.Type: return self.string()
    case is Bool.Type: return Bool.random(using: &self.random)
    case is UInt64.Type: return self.number()
    case is UInt32.Type: return UInt32(truncatingIfNeeded: self.number())
    case is Int64.Type: return Int64(bitPattern: self.number())
    case is Int32.Type: return Int32(truncatingIfNeeded: Int64(bitPattern: self.number()))
    case is UInt8.Type: return UInt8(truncatingIfNeeded: self.random.next())
    case is Float.Type: return Float(self.random.next() % 1000) / 1000
    case is Duration.Type: return Duration.nanoseconds(Int64(bitPattern: self.number()))
    case is Timestamp.Type: return Timestamp(nanoseconds: Int64(bitPattern: self.number()))
    case is TaskRuntime.Type:
      return Bool.random(using: &self.random) ? TaskRuntime.container(self.record()) : .other
    case is TaskSpecBox.Type: return TaskSpecBox(self.record())
    default: break
    }
    if let container = type as? any RandomContainer.Type { return container.random(&self) }
    if let record = type as? any WireRecord.Type { return self.open(record) }
    if let cases = type as? any CaseIterable.Type { return self.element(of: cases) }
    preconditionFailure("no random values of \(type)")
  }

  private mutating func open<Record: WireRecord>(_ type: Record.Type) -> Any {
    self.record(type)
  }

  private mutating func element<Cases: CaseIterable>(of type: Cases.Type) -> Any {
    let cases = Array(type.allCases)
    return cases[Int.random(in: cases.indices, using: &self.random)]
  }

  mutating func number() -> UInt64 {
    // Numbers of all lengths, so that all lengths of their encoding occur.
    self.random.next() >> (self.random.next() % 64)
  }

  mutating func string() -> String {
    let alphabet = ["a", "Z", "7", "-", "é", "中", "🙂", "\u{0}"]
    return (0..<Int.random(in: 0...12, using: &self.random))
      .map { _ in alphabet[Int.random(in: alphabet.indices, using: &self.random)] }
      .joined()
  }
}

/// A generic type that makes random values of its own.
protocol RandomContainer {
  static func random(_ fields: inout RandomFields) -> Any
}

extension Optional: RandomContainer {
  static func random(_ fields: inout RandomFields) -> Any {
    guard Bool.random(using: &fields.random) else { return Self.none as Any }
    return fields.value(Wrapped.self) as? Wrapped as Any
  }
}

extension Array: RandomContainer {
  static func random(_ fields: inout RandomFields) -> Any {
    (0..<Int.random(in: 0...3, using: &fields.random)).compactMap { _ in fields.value(Element.self) as? Element }
  }
}

extension Dictionary: RandomContainer {
  static func random(_ fields: inout RandomFields) -> Any {
    var dictionary: Self = [:]
    for _ in 0..<Int.random(in: 0...3, using: &fields.random) {
      guard let key = fields.value(Key.self) as? Key else { continue }
      dictionary[key] = fields.value(Value.self) as? Value
    }
    return dictionary
  }
}

extension Identifier: RandomContainer {
  static func random(_ fields: inout RandomFields) -> Any {
    fields.random.make(Self.self)
  }
}
