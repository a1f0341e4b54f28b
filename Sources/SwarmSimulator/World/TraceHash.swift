// SPDX-License-Identifier: Apache-2.0

/// Sums up everything that happened in a run, in order: two runs that have the same were the same.
package struct TraceHash: Hashable, Sendable {
  package private(set) var value: UInt64 = 0x6A09_E667_F3BC_C908

  package init() {}

  /// Takes in the next thing that happened.
  @inline(__always)
  package mutating func mix(_ number: UInt64) {
    self.value = mixed(self.value ^ number) &+ 0x9E37_79B9_7F4A_7C15
  }

  /// As people see it: sixteen hexadecimal digits.
  package var digits: String {
    let digits = String(self.value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
