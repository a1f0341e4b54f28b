// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// Three members in one state, and what was said among them.
///
/// Time stands still: elections begin whenever they like. What was said stays said: it may be heard late, never, in any order
/// and any number of times.
struct SmallWorld {
  /// What can happen: a message by its number, or something else to a member.
  enum Event {
    case deliver(Int)
    case other(SmallMember.Event, member: Int)
  }

  private let limits: SmallWorldLimits
  /// The members' states, by their numbers in the catalogue.
  private(set) var members: InlineArray<3, Int32>
  private var said = MessageSet()
  /// Sums of the digests of everything said, under the members' own names and under exchanged ones.
  private var saidDigest: UInt64 = 0
  private var mirroredSaidDigest: UInt64 = 0
  private var elections = 0
  private var proposals = 0
  private var crashes = 0
  /// Who led each term, from term 2 on; 0 for nobody.
  private var leaders = InlineArray<4, UInt8>(repeating: 0)
  private var decided = PackedLog()

  var leaderCount: Int { self.leaders.span.indices.count { self.leaders[$0] != 0 } }
  var decidedCount: Int { Int(self.decided.count) }

  init(_ limits: SmallWorldLimits, _ catalogue: inout SmallMemberCatalogue) throws(RaftError) {
    precondition(limits.elections <= 4 && limits.proposals <= 4, "\(limits) is no small world")
    self.limits = limits
    self.members = InlineArray(repeating: 0)
    let bootstrap = try Bootstrap(contexts: [[], [], []])
    for entry in bootstrap.entries { self.decided.append(term: entry.term, at: entry.index) }
    for position in 0..<3 {
      let id = RaftID(UInt64(position) + 1)
      self.members[position] = catalogue.add(
        try SmallMember(id: id, bootstrap: bootstrap, hasSlowDisk: limits.hasSlowDisks)
      )
    }
  }

  // MARK: - What can happen

  /// The event behind the one with number `cursor`, which is moved on to it.
  func nextEvent(_ cursor: inout Int, _ catalogue: SmallMemberCatalogue) -> Event? {
    while cursor < 3 * MessageSet.capacity {
      let member = cursor / MessageSet.capacity
      let start = cursor % MessageSet.capacity
      let state = Int(self.members[member])
      if let message = self.said.next(from: start, in: catalogue.addressed[member], notIn: catalogue.states[state].idle) {
        cursor = member * MessageSet.capacity + message + 1
        return .deliver(message)
      }
      cursor = (member + 1) * MessageSet.capacity
    }
    while cursor < 3 * MessageSet.capacity + 12 {
      let choice = cursor - 3 * MessageSet.capacity
      cursor += 1
      if let event = self.other(choice % 4, member: choice / 4, catalogue.states[Int(self.members[choice / 4])]) {
        return .other(event, member: choice / 4)
      }
    }
    return nil
  }

  private func other(_ choice: Int, member: Int, _ state: SmallMemberCatalogue.Entry) -> SmallMember.Event? {
    switch choice {
    // Until the first election all members are alike, so that it may as well be the first one's.
    case 0 where self.elections < self.limits.elections && state.standing.role != .leader && (self.elections > 0 || member == 0):
      .campaign
    case 1 where self.proposals < self.limits.proposals && state.standing.role == .leader: .propose
    case 2 where !state.isDiskIdle: .sync
    case 3 where self.crashes < self.limits.crashes: .crash
    default: nil
    }
  }

  /// Lets something happen.
  ///
  /// - Returns: What must never be; and whether anything changed.
  mutating func perform(_ event: Event, _ catalogue: inout SmallMemberCatalogue) -> (violation: String?, isNew: Bool) {
    let member: Int
    let number: Int32
    switch event {
    case .deliver(let message):
      member = Int(catalogue.messages[message].to.rawValue) - 1
      number = catalogue.deliver(message, to: self.members[member])
    case .other(let event, let position):
      member = position
      number = catalogue.step(event, self.members[position])
      switch event {
      case .campaign: self.elections += 1
      case .propose: self.proposals += 1
      case .crash: self.crashes += 1
      case .sync, .deliver: break
      }
    }
    let step = catalogue.steps[Int(number)]
    var isNew = step.state != self.members[member]
    if case .other = event { isNew = true }
    let before = catalogue.states[Int(self.members[member])].standing
    self.members[member] = step.state
    if before != catalogue.states[Int(step.state)].standing { self.forgetDead(member, catalogue) }
    for message in step.messages where !self.said.contains(message) && !self.isDead(message, catalogue) {
      isNew = true
      self.said.insert(message)
      self.saidDigest &+= mixed(catalogue.messageDigests[message].own)
      self.mirroredSaidDigest &+= mixed(catalogue.messageDigests[message].mirrored)
    }
    guard isNew else { return (step.violation, false) }
    var violation = step.violation
    if let term = step.leadsTerm { violation = violation ?? self.leads(term, member, catalogue) }
    for decision in step.decided { violation = violation ?? self.decides(decision) }
    return (violation ?? self.complaint(member, catalogue), true)
  }

  // MARK: - Messages that can't matter any more

  /// A member's standing changed: what was said to it or by it may have lost its meaning.
  private mutating func forgetDead(_ member: Int, _ catalogue: SmallMemberCatalogue) {
    var start = 0
    while let message = self.said.next(from: start, in: catalogue.concerning[member], notIn: MessageSet()) {
      start = message + 1
      guard self.isDead(message, catalogue) else { continue }
      self.said.remove(message)
      self.saidDigest &-= mixed(catalogue.messageDigests[message].own)
      self.mirroredSaidDigest &-= mixed(catalogue.messageDigests[message].mirrored)
    }
  }

  /// Whether a message does nothing from now on, whatever else happens.
  private func isDead(_ number: Int, _ catalogue: SmallMemberCatalogue) -> Bool {
    let message = catalogue.messages[number]
    let receiver = catalogue.states[Int(self.members[Int(message.to.rawValue) - 1])].standing
    let sender = catalogue.states[Int(self.members[Int(message.from.rawValue) - 1])].standing
    return receiver.isBeyond(message, from: sender, lastTerm: Term(UInt64(self.limits.elections) + 1))
  }

  // MARK: - What must never be

  /// One leader per term, which holds all that was decided in earlier ones.
  private mutating func leads(_ term: Term, _ member: Int, _ catalogue: SmallMemberCatalogue) -> String? {
    let place = Int(term.rawValue) - 2
    let name = UInt8(member + 1)
    guard self.leaders[place] == 0 || self.leaders[place] == name else {
      return "\(self.leaders[place]) and \(name) lead term \(term)"
    }
    self.leaders[place] = name
    let log = catalogue.states[Int(self.members[member])].written
    for index in 1...self.decided.count where self.decided[index] < term.rawValue && log[index] != self.decided[index] {
      return "\(name) leads term \(term) without the decided entry \(index)"
    }
    return nil
  }

  /// Nothing else is ever decided at an index.
  private mutating func decides(_ position: LogPosition) -> String? {
    let index = position.index.rawValue
    if index == self.decided.count + 1 {
      self.decided.append(term: position.term, at: position.index)
    } else if self.decided[index] != position.term.rawValue {
      return "\(position) is decided, but entry \(index) was decided in term \(self.decided[index])"
    }
    return nil
  }

  /// Logs that agree on an entry agree on all before it, and what is decided is on a majority of disks.
  private func complaint(_ member: Int, _ catalogue: SmallMemberCatalogue) -> String? {
    var holders = 0
    for other in 0..<3 {
      let log = catalogue.states[Int(self.members[other])].written
      if other != member, !log.matches(catalogue.states[Int(self.members[member])].written) {
        return "the logs of \(other + 1) and \(member + 1) differ before an entry they share"
      }
      let durable = catalogue.states[Int(self.members[other])].durable
      if durable.contains(self.decided, through: self.decided.count) { holders += 1 }
    }
    return holders < 2 ? "what is decided isn't on a majority of disks" : nil
  }

  // MARK: - States

  /// Tells this state from others, as far as it matters for what comes next.
  ///
  /// The second and the third member are alike: exchanging their names doesn't change it.
  func fingerprint(_ catalogue: SmallMemberCatalogue) -> UInt64 {
    let one = catalogue.states[Int(self.members[0])]
    let two = catalogue.states[Int(self.members[1])]
    let three = catalogue.states[Int(self.members[2])]
    var history = UInt64(self.elections << 16 | self.proposals << 8 | self.crashes)
    history = mixed(history &+ mixed(self.decided.bits))
    var (own, mirrored) = (history, history)
    for place in self.leaders.span.indices {
      let leader = UInt64(self.leaders[place])
      own = mixed(own &+ leader)
      mirrored = mixed(mirrored &+ (leader > 1 ? 5 - leader : leader))
    }
    own = Self.combined(own, one.digest, two.digest, three.digest, self.saidDigest)
    mirrored = Self.combined(mirrored, one.mirrored, three.mirrored, two.mirrored, self.mirroredSaidDigest)
    return min(own, mirrored)
  }

  private static func combined(_ values: UInt64...) -> UInt64 {
    values.reduce(0) { mixed($0 &* 0x9E37_79B9_7F4A_7C15 &+ $1) }
  }
}
