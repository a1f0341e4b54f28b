// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// What a plan does to a group.
extension RaftWorld {
  mutating func carryOut(_ action: RaftStep.Action) {
    guard !self.isCalm else { return }
    if self.trace != nil { self.note("— \(action)") }
    switch action {
    case .crash(let pick, let power, let time):
      if let slot = self.choose(pick) { self.crash(slot, power: power, downFor: time) }
    case .crashInsideTurn(let pick, let count, let time):
      guard let slot = self.choose(pick) else { return }
      self.members[slot].diesAfterMessages = count
      self.members[slot].downFor = time
    case .pause(let pick, let time):
      if let slot = self.choose(pick) { self.pause(slot, for: time) }
    case .isolate(let pick, let direction, let time): self.isolate(pick, direction, for: time)
    case .split(let mask, let time): self.split(by: mask, for: time)
    case .cutLink(let from, let to, let time):
      guard let from = self.choose(from), let to = self.choose(to), from != to else { return }
      self.cut([(from, to)], for: time)
    case .loseConnection(let one, let other): self.loseConnection(one, other)
    case .stallDisk(let pick, let time):
      guard let slot = self.choose(pick) else { return }
      self.oracle.saw(.diskStalled)
      self.members[slot].diskStalledUntil = self.now + time
    case .fillDisk(let pick, let time):
      if let slot = self.choose(pick) { self.members[slot].diskFullUntil = self.now + time }
    case .failSync(let pick, let time):
      guard let slot = self.choose(pick), self.members[slot].isUp else { return }
      self.members[slot].storage.failsNext = true
      self.members[slot].downFor = time
    case .rot(let pick, let time):
      guard let slot = self.choose(pick), self.members[slot].isUp else { return }
      self.crash(slot, power: true, downFor: time)
      self.members[slot].rot = self.members[slot].storage.disk.rot(using: &self.chance.disk)
    case .jumpClock(let pick, let time):
      if let slot = self.choose(pick) { self.jump(slot, by: time) }
    case .stallMachine(let pick, let time):
      guard let slot = self.choose(pick) else { return }
      self.oracle.saw(.machineStalled)
      self.members[slot].machineStalledUntil = self.now + time
    case .snapshot(let pick):
      if let slot = self.choose(pick), self.members[slot].isRunning(at: self.now) { self.takeSnapshot(slot) }
    case .transfer(let pick): self.transfer(to: pick)
    case .forgetLeader(let pick):
      guard let slot = self.choose(pick), self.members[slot].isRunning(at: self.now) else { return }
      try? self.feed(slot) { core, now in core.forgetLeader(now: now) }
    case .loseSynced(let pick):
      guard let slot = self.choose(pick) else { return }
      self.crash(slot, power: true, downFor: 0)
      self.members[slot].storage.disk.forgetNewestWrite()
    case .change(let change, let pick): self.change(change, pick)
    case .operation(let client, let operation, let pick): self.begin(operation, by: client, at: pick)
    }
  }

  // MARK: - Processes and clocks

  private mutating func pause(_ slot: Int, for time: Nanoseconds) {
    guard self.members[slot].isRunning(at: self.now) else { return }
    self.oracle.saw(self.members[slot].role == .leader ? .leaderPaused : .memberPaused)
    self.members[slot].pausedUntil = self.now + time
    self.events.add(.resume(slot), at: self.now + time)
    self.members[slot].resumedAt = self.members[slot].clock.reading(at: self.now + time)
  }

  private mutating func jump(_ slot: Int, by time: Nanoseconds) {
    self.oracle.saw(.clockJumped)
    self.members[slot].clock.jump(by: time)
    self.members[slot].jumpedAt = .seconds(1 << 40)
    // Timers are looked at again.
    self.members[slot].tickAt = .max
    if self.members[slot].isRunning(at: self.now) { self.setTimer(slot) }
  }

  // MARK: - Links

  private mutating func cut(_ links: [(from: Int, to: Int)], for time: Nanoseconds) {
    self.oracle.saw(.linkCut)
    for link in links { self.cuts[self.link(link.from, link.to)] += 1 }
    self.events.add(.heal(links), at: self.now + time)
  }

  private mutating func isolate(_ pick: RaftStep.Pick, _ direction: RaftStep.Direction, for time: Nanoseconds) {
    guard let slot = self.choose(pick) else { return }
    var links: [(from: Int, to: Int)] = []
    for other in 0..<Self.capacity where other != slot {
      if direction != .inbound { links.append((slot, other)) }
      if direction != .outbound { links.append((other, slot)) }
    }
    self.cut(links, for: time)
  }

  private mutating func split(by mask: Int, for time: Nanoseconds) {
    var links: [(from: Int, to: Int)] = []
    for from in 0..<Self.capacity {
      for to in 0..<Self.capacity where (mask >> from & 1) != (mask >> to & 1) { links.append((from, to)) }
    }
    self.cut(links, for: time)
  }

  private mutating func loseConnection(_ one: RaftStep.Pick, _ other: RaftStep.Pick) {
    guard let one = self.choose(one), let other = self.choose(other), one != other else { return }
    self.peerLost(self.members[one].id, by: self.members[other].id)
    self.peerLost(self.members[other].id, by: self.members[one].id)
  }

  // MARK: - Leadership and membership

  private mutating func transfer(to pick: RaftStep.Pick) {
    guard let leader = self.leader, let target = self.choose(pick) else { return }
    let id = self.members[target].id
    do throws(RaftError) {
      try self.feed(leader) { core, now throws(RaftError) in
        try core.transferLeadership(to: target == leader ? nil : id, now: now)
      }
      self.oracle.saw(.transferBegan)
      self.transferTarget = target == leader ? nil : id
    } catch {
      self.note("the transfer is refused: \(error)")
    }
  }

  private mutating func change(_ change: RaftStep.Change, _ pick: RaftStep.Pick) {
    guard let leader = self.leader, let victim = self.choose(pick) else { return }
    let id = self.members[victim].id
    let hasRoom = self.members.count < Self.capacity - 8 && self.members[leader].core.membership.members.count < 7
    let wish: MembershipChange
    switch change {
    case .addVoter where hasRoom: wish = .addVoter(context: [1])
    case .addLearner where hasRoom: wish = .addLearner(context: [2])
    case .addWitness where hasRoom: wish = .addWitness(context: [5])
    case .addVoter, .addLearner, .addWitness, .replace: return
    case .promote: wish = .promote(id)
    case .remove: wish = .remove(id)
    case .removeLeader: wish = .remove(self.members[leader].id)
    case .update: wish = .update(id, context: [3])
    case .prioritize: wish = .prioritize(id, UInt8(victim % 3))
    case .replace where hasRoom: wish = .several([.addVoter(context: [4]), .remove(id)])
    }
    do throws(RaftError) {
      _ = try self.feed(leader) { core, now throws(RaftError) in try core.proposeMembership(wish, now: now) }
    } catch {
      self.oracle.saw(.changeRefused)
      self.note("the change is refused: \(error)")
    }
  }

  /// A configuration is decided: somebody starts new members, as an operator does.
  mutating func configurationDecided(_ entry: Entry) {
    guard let membership = try? Membership(decoding: entry.payload) else { return }
    for member in membership.members where self.slot(of: member.id) == nil {
      guard self.members.count < Self.capacity else { continue }
      self.oracle.saw(.memberAdded)
      do throws(RaftError) {
        try self.add(member.id, isWitness: member.isWitness)
      } catch {
        self.oracle.violate("member \(member.id) can't start: \(error)")
      }
    }
  }
}
