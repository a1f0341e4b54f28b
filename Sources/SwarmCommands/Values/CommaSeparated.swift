// SPDX-License-Identifier: Apache-2.0

/// Values of flags that take several at once: `10.0.0.0/8,172.16.0.0/12`.
package enum CommaSeparated {
  /// The elements of all values.
  package static func elements(_ values: [String]) -> [String] {
    values.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
  }
}
