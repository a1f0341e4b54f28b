// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// Everything that will be done to a group, drawn from a seed before the run begins.
///
/// What chance decides during the run
/// (delays, losses, torn sectors) comes from streams of its own, so that a plan can lose steps and stay the same otherwise.
struct RaftPlan: Sendable {
  var seed: UInt64
  var knobs: RaftKnobs
  /// By time.
  var steps: [RaftStep]

  init(seed: UInt64, knobs: RaftKnobs, steps: [RaftStep]) {
    self.seed = seed
    self.knobs = knobs
    self.steps = steps
  }

  /// The plan of a seed: its own mix of faults, each kind of which is absent from half of all plans.
  init(seed: UInt64) {
    var random = SeededStream(seed: seed, purpose: 1)
    let knobs = RaftKnobs(&random)
    var draft = PlanDraft(random: random, knobs: knobs)
    draft.addWork(perSecond: draft.random.one(of: [10, 25, 60]))
    draft.addFaults()
    self.init(seed: seed, knobs: knobs, steps: draft.ordered)
  }

  /// A plan without faults.
  init(steady seed: UInt64) {
    let knobs = RaftKnobs.steady
    var draft = PlanDraft(random: SeededStream(seed: seed, purpose: 1), knobs: knobs)
    draft.addWork(perSecond: 20)
    self.init(seed: seed, knobs: knobs, steps: draft.ordered)
  }
}

/// A plan being drawn.
private struct PlanDraft {
  var random: SeededStream
  let knobs: RaftKnobs
  private var steps: [RaftStep] = []

  init(random: SeededStream, knobs: RaftKnobs) {
    self.random = random
    self.knobs = knobs
  }

  /// By time; of one time in the order in which they were drawn.
  var ordered: [RaftStep] {
    self.steps.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
  }

  private mutating func add(_ action: RaftStep.Action, at time: Nanoseconds) {
    if time < self.knobs.trouble { self.steps.append(RaftStep(time: time, action: action)) }
  }

  /// Adds something again and again, at random times, `average` apart.
  private mutating func every(_ average: Nanoseconds, _ make: (inout PlanDraft, Nanoseconds) -> Void) {
    var time = self.span(average)
    while time < self.knobs.trouble {
      make(&self, time)
      time += self.span(average)
    }
  }

  private mutating func span(_ average: Nanoseconds) -> Nanoseconds { 1 + Nanoseconds(self.random.below(Int(average) * 2)) }

  private mutating func pick() -> RaftStep.Pick {
    self.random.below(3) == 0 ? .leader : .any(self.random.below(16))
  }

  /// A time that is short, or long enough to matter.
  private mutating func length() -> Nanoseconds {
    let timeout = Int(self.knobs.electionTimeout)
    return Nanoseconds(self.random.below(self.random.one(of: [timeout / 4, timeout, timeout * 3, timeout * 6])))
  }

  mutating func addWork(perSecond rate: Int) {
    self.every(1_000_000_000 / Nanoseconds(rate)) { draft, time in
      let key = draft.random.below(draft.knobs.keys)
      let operation: ClientOperation =
        switch draft.random.below(10) {
        case 0..<4: .get(key: key)
        case 4..<7: .put(key: key)
        default: .swap(key: key)
        }
      draft.add(.operation(client: draft.random.below(draft.knobs.clients), operation, at: draft.pick()), at: time)
    }
  }

  mutating func addFaults() {
    func isOn() -> Bool { self.random.below(2) == 0 }
    let timeout = self.knobs.electionTimeout
    if isOn() {
      self.every(timeout * 4) { draft, time in
        draft.add(.crash(draft.pick(), power: draft.random.below(3) > 0, downFor: draft.length()), at: time)
      }
    }
    if isOn() {
      self.every(timeout * 5) { draft, time in
        let count = draft.random.below(5)
        draft.add(.crashInsideTurn(draft.pick(), afterMessages: count, downFor: draft.length()), at: time)
      }
    }
    if isOn() { self.every(timeout * 6) { draft, time in draft.add(.pause(draft.pick(), draft.length()), at: time) } }
    if isOn() { self.every(timeout * 4) { draft, time in draft.cut(at: time) } }
    if isOn() { self.every(timeout * 3) { draft, time in draft.add(.loseConnection(draft.pick(), draft.pick()), at: time) } }
    if isOn() { self.addDiskFaults() }
    // What leases promise shows only while leaders are replaced.
    if self.knobs.configuration.leaseReads != nil {
      self.every(timeout * 8) { draft, time in draft.replaceLeader(at: time) }
      self.every(timeout * 8) { draft, time in draft.temptVoters(at: time) }
    }
    // Clocks that jump are beyond what lease reads promise to bear.
    if isOn(), self.knobs.configuration.leaseReads == nil { self.addClockFaults() }
    if isOn() { self.every(timeout * 6) { draft, time in draft.add(.stallMachine(draft.pick(), draft.length()), at: time) } }
    if isOn() { self.every(timeout) { draft, time in draft.add(.snapshot(draft.pick()), at: time) } }
    if isOn() { self.every(timeout * 4) { draft, time in draft.transfer(at: time) } }
    if isOn() { self.every(timeout * 5) { draft, time in draft.add(.forgetLeader(draft.pick()), at: time) } }
    if isOn() { self.every(timeout * 3) { draft, time in draft.change(at: time) } }
  }

  private mutating func cut(at time: Nanoseconds) {
    let length = self.length()
    switch self.random.below(7) {
    case 6: self.replaceLeader(at: time)
    case 0, 1:
      let direction = self.random.one(of: [RaftStep.Direction.both, .inbound, .outbound])
      self.add(.isolate(self.pick(), direction, length), at: time)
    case 2, 3:
      self.add(.split(1 + self.random.below(62), length), at: time)
    case 4:
      self.add(.cutLink(from: self.pick(), to: self.pick(), length), at: time)
    default:
      // One after the other, and well again in another order.
      for number in 0..<3 {
        let start = time + Nanoseconds(number) * (length / 6)
        self.add(.isolate(.any(self.random.below(16)), .both, self.length()), at: start)
      }
    }
  }

  /// The leader is cut off or paused long enough to be replaced, while clients go on with both.
  private mutating func replaceLeader(at time: Nanoseconds) {
    let timeout = self.knobs.electionTimeout
    let length = timeout * 2 + self.length()
    self.add(self.random.below(3) == 0 ? .pause(.leader, length) : .isolate(.leader, .both, length), at: time)
    for _ in 0..<12 {
      let soon = time + Nanoseconds(self.random.below(Int(timeout) * 4))
      let client = self.random.below(self.knobs.clients)
      let key = self.random.below(self.knobs.keys)
      if self.random.below(2) == 0 {
        self.add(.operation(client: client, .get(key: key), at: .oldestLeader), at: soon)
      } else {
        self.add(.operation(client: client, .put(key: key), at: .leader), at: soon)
      }
    }
  }

  /// Nobody wants to write anything for a while.
  private mutating func beQuiet(from start: Nanoseconds, to end: Nanoseconds) {
    self.steps.removeAll { step in
      guard start..<end ~= step.time, case .operation(_, let operation, _) = step.action else { return false }
      return if case .get = operation { false } else { true }
    }
  }

  /// A member doesn't hear the leader and wants to be elected by others who do; then the leader is cut off, while it still counts
  /// on their promises.
  private mutating func temptVoters(at time: Nanoseconds) {
    let timeout = self.knobs.electionTimeout
    self.add(.cutLink(from: .leader, to: .any(self.random.below(16)), timeout * 4), at: time)
    let cut = time + timeout + Nanoseconds(self.random.below(Int(timeout)))
    // Else nobody would vote for it, because it misses something.
    self.beQuiet(from: time - min(time, timeout / 4), to: cut + timeout / 4)
    self.add(.isolate(.leader, .both, timeout * 2), at: cut)
    for _ in 0..<16 {
      let soon = cut + Nanoseconds(self.random.below(Int(timeout)))
      let client = self.random.below(self.knobs.clients)
      let key = self.random.below(self.knobs.keys)
      let isRead = self.random.below(2) == 0
      self.add(
        .operation(client: client, isRead ? .get(key: key) : .put(key: key), at: isRead ? .oldestLeader : .leader),
        at: soon
      )
    }
  }

  /// The leader is cut off with a change that only it knows, and the next one is asked for others.
  private mutating func changeAcrossLeaders(at time: Nanoseconds) {
    let timeout = self.knobs.electionTimeout
    let first = time - min(time, self.knobs.network.minimumDelay / 2)
    self.add(.isolate(.leader, self.random.one(of: [.both, .outbound]), timeout * 2 + self.length()), at: first)
    self.add(.change(self.random.one(of: [.remove, .addVoter, .update]), .any(self.random.below(16))), at: time)
    for number in 0..<8 {
      let soon = time + timeout + Nanoseconds(number) * timeout / 4 + Nanoseconds(self.random.below(Int(timeout / 4)))
      self.add(.change(self.random.one(of: [.remove, .remove, .addVoter]), .any(self.random.below(16))), at: soon)
    }
  }

  private mutating func addDiskFaults() {
    let timeout = self.knobs.electionTimeout
    self.every(timeout * 6) { draft, time in draft.add(.stallDisk(draft.pick(), draft.length() * 2), at: time) }
    self.every(timeout * 8) { draft, time in draft.add(.fillDisk(draft.pick(), draft.length() * 3), at: time) }
    self.every(timeout * 12) { draft, time in draft.add(.failSync(draft.pick(), downFor: draft.length()), at: time) }
    self.every(timeout * 12) { draft, time in draft.add(.rot(draft.pick(), downFor: draft.length()), at: time) }
  }

  private mutating func addClockFaults() {
    var caughtUp: Nanoseconds = 0
    self.every(self.knobs.electionTimeout * 8) { draft, time in
      let distance = draft.random.one(of: [50, 500, 5_000, 3_600_000, -50, -1_000])
      // For who jumped back time stands still until it has caught up: that has to be over when trouble is.
      guard distance > 0 || (time - .milliseconds(distance) < draft.knobs.trouble && time > caughtUp) else { return }
      caughtUp = max(caughtUp, time - .milliseconds(distance))
      draft.add(.jumpClock(draft.pick(), .milliseconds(distance)), at: time)
    }
  }

  private mutating func transfer(at time: Nanoseconds) {
    self.add(.transfer(self.pick()), at: time)
    // Something comes in between.
    let soon = time + Nanoseconds(self.random.below(Int(self.knobs.network.spread) * 6 + 1))
    switch self.random.below(4) {
    case 0: self.add(.isolate(self.pick(), .both, self.length()), at: soon)
    case 1: self.add(.crash(self.pick(), power: true, downFor: self.length()), at: soon)
    default: break
    }
  }

  private mutating func change(at time: Nanoseconds) {
    let change = self.random.one(of: [
      RaftStep.Change.addVoter, .addVoter, .addLearner, .addWitness, .promote, .remove, .remove, .removeLeader, .update,
      .prioritize, .replace,
    ])
    if self.random.below(6) == 0 { return self.changeAcrossLeaders(at: time) }
    let whom = RaftStep.Pick.any(self.random.below(16))
    if change == .remove, self.random.below(2) == 0 {
      // It doesn't hear of its removal, and comes back.
      self.add(.isolate(whom, .both, self.knobs.electionTimeout + self.length() * 2), at: time)
      return self.add(.change(.remove, whom), at: time + self.knobs.network.spread * 2)
    }
    self.add(.change(change, whom), at: time)
    let soon = time + Nanoseconds(self.random.below(Int(self.knobs.network.spread) * 8 + 1))
    switch self.random.below(4) {
    case 0: self.add(.crash(.leader, power: true, downFor: self.length()), at: soon)
    case 1: self.add(.isolate(.leader, .both, self.length()), at: soon)
    default: break
    }
  }
}
