// SPDX-License-Identifier: Apache-2.0

/// Until when nobody else can have been elected, as the leader's clock and the others' promises tell it.
struct Lease: Sendable {
  private struct Round {
    var number: UInt64
    var began: Duration
  }

  private var rounds: [Round] = []
  /// When the newest round began that a majority answered: their promises are younger than that.
  private var confirmed: Duration?
  /// Set for the rest of the term once a successor was told to begin: others vote for it whatever they promised.
  var isVoid = false

  mutating func began(_ number: UInt64, at now: Duration) {
    // Nobody answers: check-quorum will see to it.
    if self.rounds.count >= 64 { self.rounds.removeFirst() }
    self.rounds.append(Round(number: number, began: now))
  }

  mutating func confirm(through number: UInt64) {
    while let first = self.rounds.first, first.number <= number {
      self.confirmed = first.began
      self.rounds.removeFirst()
    }
  }

  func holds(now: Duration, _ configuration: RaftConfiguration) -> Bool {
    guard let leaseReads = configuration.leaseReads, let confirmed, !self.isVoid else { return false }
    #if PLANTED_BUGS
      if PlantedBug.isPlanted(102) { return true }
    #endif
    return now < confirmed + configuration.electionTimeout * (1 - leaseReads.clockDriftLimit)
  }
}
