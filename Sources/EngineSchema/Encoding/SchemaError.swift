// SPDX-License-Identifier: Apache-2.0

/// A text that isn't a value of the API: broken JSON, a field of the wrong type, a time that isn't one.
package struct SchemaError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A sentence for the one who wrote the text; names the field when there is one.
  package var message: String

  package init(_ message: String) { self.message = message }

  package var description: String { self.message }
}
