// SPDX-License-Identifier: Apache-2.0

/// The reads that a leader has to confirm: one round of heartbeats serves all that came before it.
struct ReadQueue: Sendable {
  /// Who asked.
  enum Origin: Sendable {
    case local(ReadRequestID)
    case remote(RaftID, context: UInt64)
  }

  /// Reads that a round of heartbeats will confirm.
  struct Round: Sendable {
    var number: UInt64
    var index: LogIndex
    var origins: [Origin]
  }

  /// Reads that no round serves yet.
  var waiting: [Origin] = []
  private(set) var rounds: [Round] = []
  /// The number of the newest round, counted from 1.
  ///
  /// No two rounds of one leadership have the same, and answers carry the term: an answer never counts for reads that came
  /// after the question (etcd #20418).
  private(set) var round: UInt64 = 0

  mutating func nextRound() -> UInt64 {
    self.round += 1
    return self.round
  }

  var hasWaiting: Bool { !self.waiting.isEmpty }

  mutating func takeWaiting() -> [Origin] {
    let taken = self.waiting
    self.waiting = []
    return taken
  }

  /// The waiting reads go with the next round.
  mutating func join(at index: LogIndex) {
    guard !self.waiting.isEmpty else { return }
    self.rounds.append(Round(number: self.round + 1, index: index, origins: self.waiting))
    self.waiting = []
  }

  /// Takes the rounds up to `number`, which a majority confirmed.
  mutating func take(confirmed number: UInt64) -> [Round] {
    let count = self.rounds.prefix { $0.number <= number }.count
    guard count > 0 else { return [] }
    let confirmed = Array(self.rounds.prefix(count))
    self.rounds.removeFirst(count)
    return confirmed
  }

  /// The reads that this member itself asked for.
  var localRequests: [ReadRequestID] {
    (self.rounds.flatMap(\.origins) + self.waiting).compactMap { origin in
      if case .local(let id) = origin { id } else { nil }
    }
  }
}

/// The reads that a follower passed on to its leader.
struct ForwardedReads: Sendable {
  /// Reads that one question to the leader serves.
  struct Question: Sendable {
    var context: UInt64
    var requests: [ReadRequestID]
    var deadline: Duration
  }

  /// Reads that no question serves yet.
  var waiting: [ReadRequestID] = []
  private(set) var questions: [Question] = []
  private var nextContext: UInt64

  /// Starting anywhere keeps late answers to an earlier life of this member from fitting.
  init(firstContext: UInt64) { self.nextContext = firstContext }

  var nextDeadline: Duration? { self.questions.first?.deadline }

  /// Makes a question of all waiting reads; nil when there are none.
  mutating func ask(deadline: Duration) -> UInt64? {
    guard !self.waiting.isEmpty else { return nil }
    let question = Question(context: self.nextContext, requests: self.waiting, deadline: deadline)
    self.nextContext &+= 1
    self.waiting = []
    self.questions.append(question)
    return question.context
  }

  /// The reads that an answer is for, once.
  mutating func take(context: UInt64) -> [ReadRequestID] {
    guard let position = self.questions.firstIndex(where: { $0.context == context }) else { return [] }
    return self.questions.remove(at: position).requests
  }

  mutating func take(where fits: (Question) -> Bool) -> [ReadRequestID] {
    let taken = self.questions.filter(fits).flatMap(\.requests)
    self.questions.removeAll(where: fits)
    return taken
  }
}
