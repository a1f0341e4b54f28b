// SPDX-License-Identifier: Apache-2.0

import Raft

extension SimulatedCluster {
  /// Ends all faults; gives a complaint unless the group gets together within a few election timeouts.
  mutating func calmDown() -> String? {
    self.isCalm = true
    self.plan.loss = 0
    self.plan.duplication = 0
    self.plan.messageDelay = 1_000
    self.plan.diskDelay = 1_000
    self.cutLinks = []
    for position in self.members.indices where !self.members[position].isUp { self.restart(self.members[position].node.id) }
    guard self.run(until: self.now + .seconds(10), { !$0.leaders.isEmpty }) else { return "there is no leader" }
    var isProposed = false
    let isDone = self.run(until: self.now + .seconds(20)) { cluster in
      guard let leader = cluster.settledLeader else { return false }
      let status = cluster.members[leader].node.status
      guard isProposed else {
        isProposed = true
        return false
      }
      return status.membership.members.allSatisfy { member in
        cluster.position(of: member.id).map { cluster.members[$0].node.applied == status.lastIndex } ?? false
      }
    }
    guard isDone else {
      return "the group doesn't get together: \(self.members.map(\.node.status))"
    }
    return nil
  }

  /// The leader of the newest term, when its group is settled.
  var settledLeader: Int? {
    guard let leader = self.leaders.max(by: { self.members[$0].node.status.term < self.members[$1].node.status.term }) else {
      return nil
    }
    let status = self.members[leader].node.status
    let isWaiting = status.membership.members.contains { $0.role == .joining }
    return status.isMembershipSettled && !isWaiting && status.commit == status.lastIndex && status.transferTarget == nil
      ? leader : nil
  }
}
