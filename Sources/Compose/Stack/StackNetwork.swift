// SPDX-License-Identifier: Apache-2.0

package import EngineSchema

/// A network that services of a stack are on.
package struct StackNetwork: Hashable, Sendable {
  /// Its full name.
  package var name: String
  /// The body that creates it; `nil` for one that is there already (`external`).
  package var body: JSONValue?
}
