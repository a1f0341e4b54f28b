// SPDX-License-Identifier: Apache-2.0

/// A value that is mostly the same for many owners: they share one box until one of them changes something.
///
/// It keeps what is rarely set out of objects of which there are many.
final class SharedBox<Value: Sendable & Hashable>: Sendable {
  let value: Value

  init(_ value: Value) {
    self.value = value
  }

  /// A box with a changed value.
  func changing(_ change: (inout Value) -> Void) -> SharedBox {
    var value = self.value
    change(&value)
    return SharedBox(value)
  }
}

extension SharedBox: Hashable {
  static func == (left: SharedBox, right: SharedBox) -> Bool { left === right || left.value == right.value }

  func hash(into hasher: inout Hasher) { hasher.combine(self.value) }
}
