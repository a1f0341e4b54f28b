// SPDX-License-Identifier: Apache-2.0

#if PLANTED_BUGS
  internal import Synchronization

  /// Bugs that other implementations really had, to prove that the simulator finds them.
  ///
  /// They exist only in builds with `PLANTED_BUGS=1` in the environment, and only one at a time is awake.
  package enum PlantedBug {
    private static let selected = Atomic<Int>(0)

    /// Wakes the bug with a number; 0 wakes none.
    package static func select(_ number: Int) { self.selected.store(number, ordering: .relaxed) }

    /// Whether that bug is awake.
    package static func isPlanted(_ number: Int) -> Bool { self.selected.load(ordering: .relaxed) == number }
  }
#endif
