// SPDX-License-Identifier: Apache-2.0

/// What the sheets of `inspect --pretty` have in common.
enum Sheet {
  /// A name, and its value in the second column; a heading when the value is empty.
  static func line(_ name: String, _ value: String) -> String {
    value.isEmpty ? name : name + String(repeating: " ", count: max(1, 20 - name.count)) + value
  }
}
