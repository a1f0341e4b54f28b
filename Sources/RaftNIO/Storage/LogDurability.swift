// SPDX-License-Identifier: Apache-2.0

/// What a write of the log waits for.
///
/// Only benchmarks ask for anything but the disk: they show what it costs.
package enum LogDurability: Sendable, Hashable {
  /// The disk confirmed it.
  case synced
  /// The kernel has it.
  case written
  /// Nothing: the log isn't written at all.
  case none
}
