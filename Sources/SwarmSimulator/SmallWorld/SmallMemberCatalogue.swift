// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// All states that single members were seen in, and what each event makes of each.
///
/// What a member does depends on nothing but its own state and the event. So the core is asked once for each pair, however many
/// states of the whole world contain it.
struct SmallMemberCatalogue {
  /// A member's state.
  struct Entry {
    var member: SmallMember
    /// Tells it from all others.
    var digest: UInt64
    /// The digest of the same state with the names of the second and the third member exchanged.
    var mirrored: UInt64
    var written: PackedLog
    var durable: PackedLog
    var standing: SmallMember.Standing
    var isDiskIdle: Bool
    /// Steps by the number of what is delivered; -1 for what wasn't tried.
    var deliveries: [Int32] = []
    /// Messages that change nothing and aren't answered.
    var idle = MessageSet()
    var others: [SmallMember.Event: Int32] = [:]
  }

  /// What an event makes of a member's state.
  struct Step {
    var state: Int32
    /// The numbers of the messages that are sent.
    var messages: [Int]
    var leadsTerm: Term?
    var decided: [LogPosition]
    var violation: String?
  }

  private(set) var states: [Entry] = []
  private(set) var steps: [Step] = []
  private(set) var messages: [Message] = []
  private(set) var messageDigests: [(own: UInt64, mirrored: UInt64)] = []
  /// By member: the messages to it.
  private(set) var addressed = [MessageSet](repeating: MessageSet(), count: 3)
  /// By member: the messages to it and from it.
  private(set) var concerning = [MessageSet](repeating: MessageSet(), count: 3)
  private var statesByDigest: [UInt64: Int32] = [:]
  private var messagesByDigest: [UInt64: Int] = [:]

  mutating func add(_ member: SmallMember) -> Int32 {
    let digest = member.digest { $0 }
    if let known = self.statesByDigest[digest] { return known }
    let number = Int32(self.states.count)
    self.states.append(
      Entry(
        member: member,
        digest: digest,
        mirrored: member.digest(naming: mirrored),
        written: member.written.log,
        durable: member.durable.log,
        standing: member.standing,
        isDiskIdle: member.isDiskIdle
      )
    )
    self.statesByDigest[digest] = number
    return number
  }

  /// The number of a step; it is taken when that wasn't done before.
  mutating func deliver(_ message: Int, to state: Int32) -> Int32 {
    let position = Int(state)
    if message < self.states[position].deliveries.count, self.states[position].deliveries[message] >= 0 {
      return self.states[position].deliveries[message]
    }
    let number = self.perform(.deliver(self.messages[message]), state)
    while self.states[position].deliveries.count < self.messages.count { self.states[position].deliveries.append(-1) }
    self.states[position].deliveries[message] = number
    let step = self.steps[Int(number)]
    if step.state == state, step.messages.isEmpty, step.violation == nil { self.states[position].idle.insert(message) }
    return number
  }

  mutating func step(_ event: SmallMember.Event, _ state: Int32) -> Int32 {
    if let known = self.states[Int(state)].others[event] { return known }
    let number = self.perform(event, state)
    self.states[Int(state)].others[event] = number
    return number
  }

  private mutating func perform(_ event: SmallMember.Event, _ state: Int32) -> Int32 {
    var member = self.states[Int(state)].member
    let outcome = member.perform(event)
    let step = Step(
      state: self.add(member),
      messages: outcome.messages.map { self.number(of: $0) },
      leadsTerm: outcome.leadsTerm,
      decided: outcome.decided,
      violation: outcome.violation
    )
    self.steps.append(step)
    return Int32(self.steps.count - 1)
  }

  private mutating func number(of message: Message) -> Int {
    let digest = Self.digest(message) { $0 }
    if let known = self.messagesByDigest[digest] { return known }
    let number = self.messages.count
    precondition(number < MessageSet.capacity, "more than \(MessageSet.capacity) messages are too much for a small world")
    self.messages.append(message)
    self.messageDigests.append((digest, Self.digest(message, naming: mirrored)))
    self.messagesByDigest[digest] = number
    self.addressed[Int(message.to.rawValue) - 1].insert(number)
    self.concerning[Int(message.to.rawValue) - 1].insert(number)
    self.concerning[Int(message.from.rawValue) - 1].insert(number)
    return number
  }

  private static func digest(_ message: Message, naming name: (RaftID) -> RaftID) -> UInt64 {
    var hasher = Hasher()
    hasher.combine(Message(from: name(message.from), to: name(message.to), term: message.term, body: message.body))
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }
}

/// The second and the third member exchange their names.
private func mirrored(_ id: RaftID) -> RaftID { id.rawValue == 1 ? id : RaftID(5 - id.rawValue) }
