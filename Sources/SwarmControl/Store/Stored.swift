// SPDX-License-Identifier: Apache-2.0

/// One version of an object, shared by every store, change set and watcher that holds it.
package final class Stored<Value: Sendable>: Sendable {
  /// The object.
  package let value: Value

  /// Boxes an object.
  package init(_ value: Value) {
    self.value = value
  }
}
