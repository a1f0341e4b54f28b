// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// What clients do, and how members answer them.
extension RaftWorld {
  private var patience: Nanoseconds { self.knobs.electionTimeout * 12 }

  // MARK: - Asking

  mutating func begin(_ operation: ClientOperation, by client: Int, at pick: RaftStep.Pick) {
    guard client < self.clients.count, self.clients[client].pending == nil else { return }
    if let slot = self.choose(pick) { self.clients[client].guess = slot }
    self.lastRequest += 1
    // Reads need no session: doing them twice harms nobody.
    guard let session = operation.isRead ? 0 : self.clients[client].session else { return self.openSession(client) }
    if !operation.isRead { self.clients[client].sequence += 1 }
    let sequence = self.clients[client].sequence
    // No two writes write the same.
    let value = UInt64(session) << 24 | sequence
    var command = KeyValueCommand(client: session, sequence: sequence, kind: .put, key: 0, value: value)
    let body: SimulatedRequest.Body
    let kind: OperationHistory.Operation.Kind
    switch operation {
    case .get(let key):
      body = .read(key: key)
      kind = .get
      command.key = key
    case .put(let key):
      command.key = key
      body = .write(command)
      kind = .put(value)
    case .swap(let key):
      command.key = key
      command.kind = .compareAndSwap
      command.expected = self.clients[client].seen[key, default: 0]
      body = .write(command)
      kind = .swap(expected: command.expected, value)
    }
    let record = self.history.began(.init(key: command.key, kind: kind, invoked: self.now))
    self.clients[client].pending = .init(number: self.lastRequest, record: record, body: body, began: self.now)
    self.attempt(client)
  }

  /// What it came for is dropped: there will be something else soon.
  private mutating func openSession(_ client: Int) {
    let command = KeyValueCommand(client: 0, sequence: 0, kind: .open, key: 0, value: 0)
    self.clients[client].pending = .init(number: self.lastRequest, body: .write(command), began: self.now)
    self.attempt(client)
  }

  private mutating func attempt(_ client: Int) {
    guard var pending = self.clients[client].pending else { return }
    pending.attempt += 1
    self.clients[client].pending = pending
    let request = SimulatedRequest(client: client, number: pending.number, attempt: pending.attempt, body: pending.body)
    let slot = self.clients[client].guess % self.members.count
    if !self.losesClientMessage { self.events.add(.request(request, to: slot), at: self.now + self.clientDelay()) }
    let timeout = self.knobs.electionTimeout * 2 + self.clientDelay()
    self.events.add(
      .clientTimer(client: client, number: pending.number, attempt: pending.attempt),
      at: self.now + timeout
    )
  }

  /// Whom to ask next; nobody knows a member to be dead, but those that are gone for ever are crossed off.
  private mutating func anybody() -> Int {
    let there = self.members.indices.filter { !self.members[$0].isGone }
    return there[self.chance.clients.below(there.count)]
  }

  private var losesClientMessage: Bool {
    mutating get { self.chance.clients.perMille(self.knobs.network.lossPerMille) }
  }

  private mutating func clientDelay() -> Nanoseconds {
    self.knobs.network.minimumDelay + Nanoseconds(self.chance.clients.below(Int(self.knobs.network.spread)))
  }

  mutating func timeIsUp(_ client: Int, number: Int, attempt: Int) {
    guard let pending = self.clients[client].pending, pending.number == number, pending.attempt == attempt else { return }
    if self.now - pending.began > self.patience, !self.isCalm {
      self.oracle.saw(.clientGaveUp)
      // What it asked for may still happen; another name keeps later requests from being taken for it.
      return self.endSession(client)
    }
    self.clients[client].guess = self.anybody()
    self.attempt(client)
  }

  private mutating func endSession(_ client: Int) {
    self.clients[client].pending = nil
    self.clients[client].session = nil
  }

  mutating func retry(_ client: Int, number: Int) {
    guard self.clients[client].pending?.number == number else { return }
    self.attempt(client)
  }

  // MARK: - Being answered

  mutating func receive(_ reply: SimulatedReply, to request: SimulatedRequest) {
    let client = request.client
    guard let pending = self.clients[client].pending, pending.number == request.number else { return }
    self.hash.mix(UInt64(request.number) << 8 | UInt64(client))
    self.note("client \(client) gets \(reply)")
    switch reply {
    case .value(let value): self.finish(client, pending, key: pending.body.key, previous: value, now: value)
    case .written(let result, let index):
      guard case .write(let command) = pending.body else { return }
      guard command.kind != .open else {
        self.clients[client].pending = nil
        self.clients[client].session = Int(index.rawValue)
        self.clients[client].sequence = 0
        return
      }
      if !result.isChanged { self.oracle.saw(.swapFailed) }
      let now = result.isChanged ? command.value : result.previous
      self.finish(client, pending, key: command.key, previous: result.previous, now: now)
    case .refused(let leader):
      guard pending.attempt == request.attempt else { return }
      self.clients[client].guess = leader.flatMap { self.slot(of: $0) } ?? self.anybody()
      self.retryLater(client, pending.number)
    case .expired:
      self.oracle.saw(.sessionExpired)
      self.endSession(client)
    case .unknown:
      self.oracle.saw(.outcomeUnknown)
      guard pending.attempt == request.attempt else { return }
      self.clients[client].guess = self.anybody()
      self.retryLater(client, pending.number)
    }
  }

  private mutating func retryLater(_ client: Int, _ number: Int) {
    let delay = self.knobs.electionTimeout / 16 + Nanoseconds(self.chance.clients.below(Int(self.knobs.electionTimeout / 4)))
    self.events.add(.retry(client: client, number: number), at: self.now + delay)
  }

  private mutating func finish(_ client: Int, _ pending: SimulatedClient.Pending, key: Int, previous: UInt64, now: UInt64) {
    if let record = pending.record { self.history.returned(record, previous: previous, at: self.now) }
    self.clients[client].seen[key] = now
    self.clients[client].pending = nil
    self.note("client \(client) is answered: \(previous) → \(now) at key \(key)")
  }

  // MARK: - Members

  mutating func receive(_ request: SimulatedRequest, by slot: Int) {
    guard self.wakes(slot, life: self.members[slot].life, .request(request, to: slot)) else { return }
    self.note("client \(request.client) asks member \(self.members[slot].id), attempt \(request.attempt)")
    // A witness has no state to answer from.
    guard !self.members[slot].isWitness else {
      let leader = self.members[slot].core.currentLeader
      return self.reply(.refused(leader: leader == self.members[slot].id ? nil : leader), to: request)
    }
    do throws(RaftError) {
      switch request.body {
      case .write(var command):
        command.time = self.clock(slot)
        let payload = command.encoded(padding: self.knobs.padding)
        let range = try self.feed(slot) { core, now throws(RaftError) in try core.propose([payload[...]], now: now) }
        self.wait(for: range.lowerBound, request, by: slot)
      case .read:
        let id = ReadRequestID(rawValue: UInt64(request.number) << 16 | UInt64(request.attempt & 0xFFFF))
        let isLeader = self.members[slot].core.role == .leader
        let reading = SimulatedMember.Reading(
          id: id,
          request: request,
          floor: self.oracle.acknowledged,
          byLeader: isLeader
        )
        self.members[slot].reading.append(reading)
        try self.feed(slot) { core, now throws(RaftError) in try core.readIndex(id, now: now) }
      }
    } catch {
      self.members[slot].reading.removeAll { $0.request == request }
      if error.code == .busy { self.oracle.saw(.proposalRefusedAsBusy) }
      self.reply(.refused(leader: error.code == .busy ? self.members[slot].id : error.leader), to: request)
    }
  }

  /// With turns of their own, the proposal may be applied before this is called.
  private mutating func wait(for index: LogIndex, _ request: SimulatedRequest, by slot: Int) {
    guard self.members[slot].isUp else { return }
    let term = self.members[slot].core.term(at: index) ?? .zero
    let waiting = SimulatedMember.Waiting(position: LogPosition(index: index, term: term), request: request)
    guard self.members[slot].role == .leader else { return self.reply(.unknown, to: request) }
    self.members[slot].waiting.append(waiting)
  }

  private mutating func reply(_ reply: SimulatedReply, to request: SimulatedRequest) {
    guard !self.losesClientMessage else { return }
    self.events.add(.reply(request, reply), at: self.now + self.clientDelay())
  }

  /// An entry was applied: whoever waits for it is told.
  mutating func answer(_ entry: Entry, _ outcome: KeyValueMachine.Outcome?, by slot: Int) {
    guard let first = self.members[slot].waiting.first, first.position.index <= entry.index else { return }
    self.members[slot].waiting.removeFirst()
    guard first.position == entry.position else { return self.reply(.unknown, to: first.request) }
    switch outcome {
    case .done(let result)?, .repeated(let result)?:
      self.oracle.saw(.writeAcknowledged)
      self.oracle.acknowledged(entry.index)
      self.reply(.written(result, at: entry.index), to: first.request)
    case .expired?: self.reply(.expired, to: first.request)
    case .forgotten?, nil: self.reply(.unknown, to: first.request)
    }
  }

  /// Whoever waits for something that this leader began can't know how it ends.
  mutating func leadershipEnded(_ slot: Int) {
    let waiting = self.members[slot].waiting
    self.members[slot].waiting = []
    for waiting in waiting { self.reply(.unknown, to: waiting.request) }
  }

  // MARK: - Reads

  mutating func confirm(_ read: Ready.Read, by slot: Int) {
    guard let position = self.members[slot].reading.firstIndex(where: { $0.id == read.id }) else { return }
    self.members[slot].reading[position].index = read.index
    let floor = self.members[slot].reading[position].floor
    if read.index < floor {
      self.oracle.violate("R10: member \(self.members[slot].id) reads at \(read.index), but \(floor) was acknowledged before")
    }
  }

  /// Reads whose index is applied are answered.
  mutating func answerReads(_ slot: Int) {
    guard !self.members[slot].reading.isEmpty else { return }
    let applied = self.members[slot].applied
    var rest: [SimulatedMember.Reading] = []
    for reading in self.members[slot].reading {
      guard let index = reading.index, index <= applied, case .read(let key) = reading.request.body else {
        rest.append(reading)
        continue
      }
      self.oracle.saw(reading.byLeader ? .readByLeader : .readByFollower)
      self.reply(.value(self.members[slot].machine[key]), to: reading.request)
    }
    self.members[slot].reading = rest
  }

  mutating func failRead(_ id: ReadRequestID, by slot: Int) {
    guard let position = self.members[slot].reading.firstIndex(where: { $0.id == id }) else { return }
    self.oracle.saw(.readFailed)
    let reading = self.members[slot].reading.remove(at: position)
    self.reply(.refused(leader: self.members[slot].core.currentLeader), to: reading.request)
  }
}

extension ClientOperation {
  fileprivate var isRead: Bool { if case .get = self { true } else { false } }
}

extension SimulatedRequest.Body {
  fileprivate var key: Int {
    switch self {
    case .read(let key): key
    case .write(let command): command.key
    }
  }
}
