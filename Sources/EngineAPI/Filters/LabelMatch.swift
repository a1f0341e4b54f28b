// SPDX-License-Identifier: Apache-2.0

extension [String: String] {
  /// Whether the labels have what a filter asks for: `key`, or `key=value`.
  func match(_ filter: String) -> Bool {
    guard let separator = filter.firstIndex(of: "=") else { return self[filter] != nil }
    return self[String(filter[..<separator])] == String(filter[filter.index(after: separator)...])
  }
}
