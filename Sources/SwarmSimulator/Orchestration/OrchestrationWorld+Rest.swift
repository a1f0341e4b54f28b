// SPDX-License-Identifier: Apache-2.0

// A control loop that never rests would take a processor of its own.
extension OrchestrationWorld {
  /// No rest: whatever happens, a control loop takes a bounded number of turns.
  mutating func countTurn(_ manager: Int) {
    if self.now - self.managers[manager].secondBegan > 1_000_000_000 {
      self.managers[manager].secondBegan = self.now
      self.managers[manager].turns = 0
    }
    self.managers[manager].turns += 1
    if self.managers[manager].turns > 4_000 { self.oracle.fail("no rest: thousands of turns in a second") }
  }

  /// No rest: a control loop doesn't ask for turn after turn in which it does nothing.
  ///
  /// A few are well: one may look at two slots only.
  mutating func countIdleTurn(_ manager: Int, isIdle: Bool) {
    self.managers[manager].idleTurns = isIdle ? self.managers[manager].idleTurns + 1 : 0
    if self.managers[manager].idleTurns > 200 { self.oracle.fail("no rest: hundreds of turns in which nothing is done") }
  }
}
