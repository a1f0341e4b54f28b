// SPDX-License-Identifier: Apache-2.0

/// The words that Docker's API has for the cases of an enumeration.
struct EngineNames<Value: Hashable & Sendable>: ExpressibleByDictionaryLiteral, Sendable {
  private let values: [String: Value]
  private let names: [Value: String]

  init(dictionaryLiteral elements: (String, Value)...) {
    self.values = Dictionary(elements) { first, _ in first }
    self.names = Dictionary(elements.map { ($0.1, $0.0) }) { first, _ in first }
  }

  /// The word for a case.
  subscript(value: Value) -> String { self.names[value] ?? "" }

  /// The case for a word, in any letters; `nil` when there is none.
  func value(_ name: String) -> Value? { self.values[name.lowercased()] }

  /// The case for a word; absent and empty words are the default.
  func value(_ name: String?, default fallback: Value, orFail failure: (String) -> APIFailure) throws(APIFailure) -> Value {
    guard let name, !name.isEmpty else { return fallback }
    guard let value = self.value(name) else { throw failure(name) }
    return value
  }
}
