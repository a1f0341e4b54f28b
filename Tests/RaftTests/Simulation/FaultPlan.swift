// SPDX-License-Identifier: Apache-2.0

import Raft

/// What goes wrong in one run.
///
/// Every seed draws its own mix: each kind of fault is off in some of the runs, so that the others show their own effects.
struct FaultPlan {
  /// In percent.
  var loss = 0
  var duplication = 0
  /// The longest time that a message takes, in microseconds.
  var messageDelay = 2_000
  var diskDelay = 1_000
  /// How often, in milliseconds on average; 0 is never.
  var crashEvery = 0
  var partitionEvery = 0
  var membershipEvery = 0
  var transferEvery = 0
  var snapshotEvery = 0
  var readEvery = 0
  /// Connections are reported as broken when a member dies.
  var reportsLostPeers = true
  var proposalEvery = 20
  var initialMembers = 3

  init(_ random: inout SeededGenerator) {
    func sometimes(_ value: Int) -> Int { random.next(below: 2) == 0 ? value : 0 }
    self.loss = sometimes(1 + random.next(below: 20))
    self.duplication = sometimes(1 + random.next(below: 20))
    self.messageDelay = [500, 2_000, 20_000, 150_000][random.next(below: 4)]
    self.diskDelay = [100, 5_000, 100_000][random.next(below: 3)]
    self.crashEvery = sometimes(300 + random.next(below: 2_000))
    self.partitionEvery = sometimes(500 + random.next(below: 2_000))
    self.membershipEvery = sometimes(200 + random.next(below: 1_000))
    self.transferEvery = sometimes(300 + random.next(below: 1_000))
    self.snapshotEvery = sometimes(50 + random.next(below: 300))
    self.readEvery = sometimes(20)
    self.reportsLostPeers = random.next(below: 2) == 0
    self.proposalEvery = [5, 20, 60][random.next(below: 3)]
    self.initialMembers = [1, 2, 3, 3, 5][random.next(below: 5)]
  }
}
