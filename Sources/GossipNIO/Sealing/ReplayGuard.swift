// SPDX-License-Identifier: Apache-2.0

/// Remembers which packets of which senders came.
///
/// Only packets that were opened get here, so strangers can't fill it. When it is full, the senders that were silent for
/// longest are forgotten; a packet of theirs that comes again does no harm, because what packets say is ordered by epoch and
/// incarnation.
struct ReplayGuard: Sendable {
  private struct Window: Sendable {
    var highest: UInt32
    /// Bit n: the packet n before the highest one came.
    var seen: UInt64
  }

  private let limit: Int
  // Two generations: what is used moves to the young one; when that is full, the old one is dropped.
  private var young: [UInt64: Window] = [:]
  private var old: [UInt64: Window] = [:]

  /// - Parameter sessions: how many senders are remembered at most.
  init(sessions: Int) { self.limit = max(1, sessions / 2) }

  var count: Int { self.young.count + self.old.count }

  /// Notes a packet.
  ///
  /// - Returns: whether it is new. One that is older than the 64 latest of its sender counts as seen.
  mutating func admit(session: UInt64, counter: UInt32) -> Bool {
    guard var window = self.young[session] ?? self.old.removeValue(forKey: session) else {
      self.keep(session, Window(highest: counter, seen: 1))
      return true
    }
    let isNew: Bool
    if counter > window.highest {
      let step = counter &- window.highest
      window.seen = step < 64 ? window.seen << UInt64(step) | 1 : 1
      window.highest = counter
      isNew = true
    } else {
      let age = window.highest &- counter
      let bit: UInt64 = age < 64 ? 1 << UInt64(age) : 0
      isNew = bit != 0 && window.seen & bit == 0
      window.seen |= bit
    }
    self.keep(session, window)
    return isNew
  }

  private mutating func keep(_ session: UInt64, _ window: Window) {
    if self.young.count >= self.limit, self.young[session] == nil {
      self.old = self.young
      self.young = [:]
    }
    self.young[session] = window
  }
}
