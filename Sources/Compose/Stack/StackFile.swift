// SPDX-License-Identifier: Apache-2.0

package import EngineSchema

/// A secret or a config that services of a stack use.
package struct StackFile: Hashable, Sendable {
  /// Its full name.
  package var name: String
  /// Its labels.
  package var labels: [String: String] = [:]
  /// The body that creates it; `nil` for one that is there already (`external`).
  package var body: JSONValue?
}
