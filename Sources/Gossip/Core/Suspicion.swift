// SPDX-License-Identifier: Apache-2.0

/// The time a member has to refute, shorter the more independent witnesses accuse it (Lifeguard, section IV-B).
struct Suspicion: Sendable {
  var slot: Slot
  /// The incarnation that is accused; a higher one refutes.
  var incarnation: UInt32
  var startedAt: Duration
  var minimum: Duration
  var maximum: Duration
  /// How many witnesses besides the first shorten it to the minimum.
  var needed: Int
  var accusers: [UInt64]
  /// Whether a probe of this node itself failed; such nodes speak the verdict first, the others wait a bit longer.
  var isOwn: Bool
  var patience: Duration
  /// When the suspect is told once more, and how long until the next time.
  var reminderDue: Duration
  var reminderInterval: Duration
  /// The last stream was tried.
  var hadSecondChance = false
  /// Set when the verdict had to wait for the second chance.
  var postponedTo: Duration?

  /// ln(n + 1) / ln(k + 1) for k = 1, 2, 3 needed witnesses and n found.
  private static let shortening: [[Double]] = [[0, 1], [0, 0.630_929_753_6, 1], [0, 0.5, 0.792_481_250_4, 1]]

  var deadline: Duration {
    if let postponedTo { return postponedTo }
    let found = min(self.accusers.count - 1, self.needed)
    let part = self.needed == 0 ? 1 : Self.shortening[self.needed - 1][found]
    let time = max(self.minimum, self.maximum - (self.maximum - self.minimum) * part)
    return self.startedAt + time + (self.isOwn ? .zero : self.patience)
  }

  mutating func postpone(by time: Duration) {
    self.startedAt += time
    self.reminderDue += time
    if let postponedTo { self.postponedTo = postponedTo + time }
  }
}
