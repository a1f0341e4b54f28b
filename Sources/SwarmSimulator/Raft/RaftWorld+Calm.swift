// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// The end of a run: nothing goes wrong any more, and the group must get well within a bounded time.
extension RaftWorld {
  /// Leaders, answers and equal states within so many election timeouts.
  private static let timeoutsToGetWell: Nanoseconds = 60
  /// Then nobody may want to lead for so many.
  private static let timeoutsOfPeace: Nanoseconds = 8

  mutating func calmDown() {
    let isForQuorum = self.knobs.finish == .quorum && self.freezeMinority()
    self.oracle.saw(isForQuorum ? .calmForQuorum : .calmForEverybody)
    self.note("all faults end\(isForQuorum ? ", a minority is gone for ever" : "")")
    self.endTrouble()
    for slot in self.members.indices where !self.members[slot].isGone { self.makeWell(slot) }
    self.workInCalm()
    var isWell = false
    let end = self.now + self.knobs.electionTimeout * Self.timeoutsToGetWell
    while !isWell, self.now < end, self.oracle.violation == nil {
      self.run(until: self.now + self.knobs.electionTimeout / 2)
      isWell = self.reasonToWait == nil
    }
    guard self.oracle.violation == nil else { return }
    if let reason = self.reasonToWait { return self.oracle.violate("no convergence: \(reason)") }
    self.keepPeace()
  }

  private mutating func makeWell(_ slot: Int) {
    self.members[slot].diesAfterMessages = nil
    self.members[slot].storage.failsNext = false
    self.members[slot].diskStalledUntil = 0
    self.members[slot].diskFullUntil = 0
    self.members[slot].machineStalledUntil = 0
    guard self.members[slot].isUp else { return self.restart(slot) }
    if self.members[slot].pausedUntil > self.now {
      self.members[slot].pausedUntil = self.now
      self.resume(slot)
    }
    if self.members[slot].storage.isBusy { self.waitForDisk(slot) }
    if self.members[slot].isApplying { self.waitForMachine(slot) }
  }

  /// Every client does something.
  private mutating func workInCalm() {
    for client in self.clients.indices {
      let operation: ClientOperation = client % 2 == 0 ? .put(key: 0) : .get(key: 0)
      self.begin(operation, by: client, at: .any(client))
    }
  }

  /// Takes members away for ever, as many as every configuration in use can do without.
  private mutating func freezeMinority() -> Bool {
    var gone: [Int] = []
    let inUse = self.configurationsInUse
    // A witness that leads can't give what only a state machine holds.
    guard !inUse.contains(where: { $0.members.contains(where: \.isWitness) }) else { return false }
    // Who joins may be promoted for what it said last, alone or with others; with them alive a quorum stays one.
    let joining = Set(inUse.flatMap(\.members).filter { $0.role == .joining }.map(\.id))
    for slot in self.members.indices.shuffled(using: &self.chance.clients) where !joining.contains(self.members[slot].id) {
      let rest = self.members.indices.filter { $0 != slot && !gone.contains($0) }
      let canGo = inUse.allSatisfy { membership in
        membership.hasQuorum { id in self.slot(of: id).map(rest.contains) ?? false }
      }
      if canGo, !rest.isEmpty { gone.append(slot) }
    }
    for slot in gone { self.members[slot].isGone = true }
    return !gone.isEmpty
  }

  /// What votes and commits may be counted by, now or soon: also what is still on its way.
  private var configurationsInUse: [Membership] {
    var inUse: [Membership] = []
    if let decided = self.oracle.configurations.decided(at: self.oracle.lastCommitted.index) { inUse.append(decided.membership) }
    for member in self.members where !member.core.membership.members.isEmpty {
      // One that was removed has nothing to say any more.
      guard self.oracle.lastCommitted.index <= member.core.lastPosition.index || member.core.role == .leader else { continue }
      inUse.append(member.core.membership)
    }
    return inUse
  }

  // MARK: - Getting well

  /// What the group still lacks; nil when it is well.
  private var reasonToWait: String? {
    guard let leader = self.leader else { return "there is no leader" }
    let core = self.members[leader].core
    let status = core.status
    guard status.isMembershipSettled else { return "the membership isn't settled" }
    guard status.transferTarget == nil else { return "a transfer doesn't end" }
    guard status.commit == status.lastIndex else { return "entries aren't committed" }
    for member in status.membership.members {
      guard let slot = self.slot(of: member.id) else { return "member \(member.id) never started" }
      guard !self.members[slot].isGone else { continue }
      guard member.role != .joining else { return "member \(member.id) isn't promoted" }
      guard self.members[slot].applied == status.lastIndex else { return "member \(member.id) is behind" }
      guard self.members[slot].core.currentLeader == core.id else { return "member \(member.id) doesn't follow" }
    }
    if let client = self.clients.firstIndex(where: { $0.pending != nil }) { return "client \(client) isn't answered" }
    return nil
  }

  /// A group that is well stays so: whoever was removed can't disturb it (hashicorp/raft #524).
  private mutating func keepPeace() {
    guard let leader = self.leader else { return }
    let term = self.members[leader].core.currentTerm
    self.run(until: self.now + self.knobs.electionTimeout * Self.timeoutsOfPeace)
    guard self.oracle.violation == nil else { return }
    if self.leader != leader || self.members[leader].core.currentTerm != term {
      self.oracle.violate("no peace: leadership changes although nothing is wrong")
    }
  }
}
