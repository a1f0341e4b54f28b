// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Room for a value that a closure, run somewhere else, leaves behind.
final class Slot<Value: Sendable>: Sendable {
  private let content = Mutex<Value?>(nil)

  /// The value; `nil` until there is one.
  var value: Value? { self.content.withLock { $0 } }

  /// Leaves a value.
  func store(_ value: Value) { self.content.withLock { $0 = value } }
}
