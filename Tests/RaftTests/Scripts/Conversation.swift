// SPDX-License-Identifier: Apache-2.0

import Raft

/// A few members whose every message waits until the script says what becomes of it.
struct Conversation {
  let oracle = Oracle()
  var configuration = RaftConfiguration()
  private(set) var nodes: [TestNode] = []
  private(set) var network: [Message] = []
  private var now: Duration = .zero
  private var slowDisks: Set<RaftID> = []
  private var down: Set<RaftID> = []
  private var seed: UInt64 = 1
  private var unreachable: Set<RaftID> = []
  private var heardOf: [RaftID: Reported] = [:]
  private var output: [String] = []

  /// Carries out one line of a script; gives what came of it.
  mutating func perform(_ line: String) throws -> [String] {
    self.output = []
    let words = line.split(separator: " ").map(String.init)
    guard let verb = words.first else { return [] }
    try self.perform(verb, Array(words.dropFirst()))
    return self.output
  }

  private mutating func perform(_ verb: String, _ words: [String]) throws {
    switch verb {
    case "group": try self.begin(voters: try Self.number(words, 0))
    case "join": try self.start(RaftID(UInt64(try Self.number(words, 0))), disk: TestDisk())
    case "disk": try self.preload(words)
    case "term": try self.preload(Array(words.prefix(1)), term: Term(UInt64(try Self.number(words, 1))))
    case "keep-nothing-behind-snapshots": self.configuration.memory.trailingEntries = 0
    case "one-entry-per-message": self.configuration.replication.messageBytes = 1
    case "wait": self.now += .milliseconds(Int64(try Self.number(words, 0)))
    case "tick": try self.tick(words)
    case "campaign": try self.campaign(words)
    case "forget-leader": try self.feed(words) { core, now in core.forgetLeader(now: now) }
    case "lost": try self.lost(words)

    case "propose": try self.propose(words)
    case "read":
      let request = ReadRequestID(rawValue: UInt64(try Self.number(words, 1)))
      try self.feed(words) { core, now throws(RaftError) in try core.readIndex(request, now: now) }
    case "transfer":
      let target = RaftID(UInt64(try Self.number(words, 1)))
      try self.feed(words) { core, now throws(RaftError) in try core.transferLeadership(to: target, now: now) }
    case "change":
      let change = try Self.change(Array(words.dropFirst()))
      try self.feed(words) { core, now throws(RaftError) in _ = try core.proposeMembership(change, now: now) }
    case "snapshot": try self.nodes[self.position(words)].snapshot()
    case "stream": try self.stream(words)

    case "slow": self.slowDisks.insert(try self.node(words))
    case "fast":
      self.slowDisks.remove(try self.node(words))
      try self.sync(words)
    case "sync": try self.sync(words)
    case "crash":
      let position = try self.position(words)
      self.nodes[position].disk.crash(keeping: 0)
      self.down.insert(self.nodes[position].id)
      self.network.removeAll { $0.to == self.nodes[position].id }
    case "restart": try self.restart(words)

    case "cut": self.unreachable.insert(try self.node(words))
    case "mend": self.unreachable.remove(try self.node(words))
    case "deliver": try self.deliver(words, all: false)
    case "repeat": try self.deliver(words, all: false, keeping: true)
    case "drop": try self.drop(words)
    case "settle": try self.deliver(words, all: true)

    case "log": try self.showLog(words)
    case "status": try self.showStatus(words)
    case "members": self.output.append(self.nodes[try self.position(words)].core.membership.described)
    default: throw ScriptError("there is no command \(verb)")
    }
  }

  // MARK: - Members

  private mutating func begin(voters: Int) throws {
    let bootstrap = try Bootstrap(contexts: Array(repeating: [], count: voters))
    for id in 1...UInt64(voters) {
      var disk = TestDisk()
      disk.start(with: bootstrap)
      try self.start(RaftID(id), disk: disk)
    }
  }

  private mutating func start(_ id: RaftID, disk: TestDisk) throws {
    self.seed += 1
    let node = try TestNode(id: id, disk: disk, configuration: self.configuration, seed: self.seed, now: self.now)
    if let position = self.nodes.firstIndex(where: { $0.id == id }) {
      self.nodes[position] = node
    } else {
      self.nodes.append(node)
    }
    // What it finds committed isn't news.
    let position = self.nodes.firstIndex { $0.id == id } ?? 0
    _ = self.nodes[position].turn(now: self.now, oracle: self.oracle)
    self.heardOf[id] = self.nodes[position].reported
    self.down.remove(id)
  }

  /// `disk 3 4 4 5`: behind what is there, member 3 has entries of these terms.
  private mutating func preload(_ words: [String], term: Term = .zero) throws {
    let position = try self.position(words)
    var disk = self.nodes[position].disk
    disk.preload([], term: term)
    for offset in 1..<words.count {
      let term = Term(UInt64(try Self.number(words, offset)))
      let payload = Array("\(term)".utf8)[...]
      disk.preload(try EntryCodec.encode([payload], term: term, startingAt: disk.durable.last.index.next))
    }
    try self.start(self.nodes[position].id, disk: disk)
  }

  private mutating func restart(_ words: [String]) throws {
    let position = try self.position(words)
    try self.start(self.nodes[position].id, disk: self.nodes[position].disk)
  }

  // MARK: - Events

  private mutating func feed(_ words: [String], _ event: (inout RaftCore, Duration) throws(RaftError) -> Void) throws {
    let position = try self.position(words)
    let now = self.now
    do throws(RaftError) {
      try self.nodes[position].feed { core throws(RaftError) in try event(&core, now) }
    } catch {
      self.output.append("\(self.nodes[position].id): \(error.code): \(error.message)")
    }
    self.turn(position)
  }

  private mutating func tick(_ words: [String]) throws {
    try self.feed(words) { core, now in core.tick(now: now) }
  }

  /// A member's time is up; the others forget their leader, but nothing else happens to them.
  private mutating func campaign(_ words: [String]) throws {
    self.now += self.configuration.electionTimeout * 3
    try self.tick(words)
  }

  private mutating func lost(_ words: [String]) throws {
    let peer = RaftID(UInt64(try Self.number(words, 1)))
    try self.feed(words) { core, now in core.peerLost(peer, now: now) }
  }

  private mutating func propose(_ words: [String]) throws {
    let payloads = words.dropFirst().map { Array($0.utf8)[...] }
    try self.feed(words) { core, now throws(RaftError) in _ = try core.propose(payloads, now: now) }
  }

  /// `stream 1 3`: the snapshot that member 1 was to send reaches member 3.
  private mutating func stream(_ words: [String]) throws {
    let position = try self.position(words)
    let receiver = RaftID(UInt64(try Self.number(words, 1)))
    guard let metadata = self.nodes[position].disk.durable.snapshot, self.nodes[position].snapshotsToSend.contains(receiver)
    else {
      throw ScriptError("member \(words[0]) has no snapshot to send")
    }
    self.nodes[position].snapshotsToSend.removeAll { $0 == receiver }
    let term = self.nodes[position].status.term
    self.network.append(
      Message(from: self.nodes[position].id, to: receiver, term: term, body: .installSnapshot(metadata))
    )
    try self.feed(words) { core, now in
      core.snapshotSent(to: receiver, upTo: metadata.index, succeeded: true, now: now)
    }
  }

  private mutating func sync(_ words: [String]) throws {
    let position = try self.position(words)
    self.nodes[position].sync(words.count > 1 ? try Self.number(words, 1) : .max, now: self.now)
    self.turn(position)
  }

  // MARK: - The network

  private static func matches(_ message: Message, _ words: [String]) -> Bool {
    guard let filter = words.first else { return true }
    let ends = filter.split(separator: ">", omittingEmptySubsequences: false).map(String.init)
    guard ends.count == 2 else { return false }
    return (ends[0].isEmpty || ends[0] == "\(message.from)") && (ends[1].isEmpty || ends[1] == "\(message.to)")
  }

  /// Delivers what waits now, or everything until nothing moves; `1>2`, `1>` and `>2` say whose.
  private mutating func deliver(_ words: [String], all: Bool, keeping: Bool = false) throws {
    var rounds = 0
    repeat {
      let arriving = self.network.filter { Self.matches($0, words) }
      guard !arriving.isEmpty else { break }
      if !keeping { self.network.removeAll { Self.matches($0, words) } }
      for message in arriving where !self.down.contains(message.to) {
        guard let position = self.nodes.firstIndex(where: { $0.id == message.to }) else { continue }
        let now = self.now
        try self.nodes[position].feed { core in core.receive(message, now: now) }
        self.turn(position)
      }
      rounds += 1
    } while all && rounds < 100
  }

  private mutating func drop(_ words: [String]) throws {
    self.network.removeAll { Self.matches($0, words) }
  }

  /// A member does what there is to do; the script hears of it.
  private mutating func turn(_ position: Int) {
    let id = self.nodes[position].id
    var messages = self.nodes[position].turn(now: self.now, oracle: self.oracle)
    while !self.slowDisks.contains(id), !self.nodes[position].disk.isIdle {
      self.nodes[position].sync(now: self.now)
      messages += self.nodes[position].turn(now: self.now, oracle: self.oracle)
    }
    let reported = self.nodes[position].reported
    if let before = self.heardOf.updateValue(reported, forKey: id) {
      self.output += reported.news(since: before).map { "\(id): \($0)" }
    }
    self.output += messages.map(\.described)
    self.network += messages.filter { self.unreachable.isDisjoint(with: [$0.from, $0.to]) }
  }

  // MARK: - Showing

  private mutating func showLog(_ words: [String]) throws {
    let image = self.nodes[try self.position(words)].disk.written
    let terms = image.entries.map { "\($0.term)" }.joined(separator: " ")
    let base = image.base.index > .zero ? "\(image.base) | " : ""
    self.output.append(base + terms)
  }

  private mutating func showStatus(_ words: [String]) throws {
    for position in words.isEmpty ? Array(self.nodes.indices) : [try self.position(words)] {
      guard !self.down.contains(self.nodes[position].id) else { continue }
      let status = self.nodes[position].status
      let leader = status.leader.map { "\($0)" } ?? "nobody"
      self.output.append(
        "\(status.id): \(status.role) in term \(status.term), leader \(leader), commit \(status.commit) of \(status.lastIndex)"
      )
    }
  }

  // MARK: - Words

  private static func number(_ words: [String], _ position: Int) throws -> Int {
    guard position < words.count, let number = Int(words[position]) else { throw ScriptError("a number is missing") }
    return number
  }

  private func position(_ words: [String]) throws -> Int {
    let id = try Self.number(words, 0)
    guard let position = self.nodes.firstIndex(where: { $0.id.rawValue == UInt64(id) }) else {
      throw ScriptError("there is no member \(id)")
    }
    return position
  }

  private func node(_ words: [String]) throws -> RaftID { self.nodes[try self.position(words)].id }

  private static func change(_ words: [String]) throws -> MembershipChange {
    switch words.first {
    case "add": return .addVoter(context: [])
    case "add-learner": return .addLearner(context: [])
    case "add-witness": return .addWitness(context: [])
    case "remove": return .remove(RaftID(UInt64(try self.number(words, 1))))
    case "promote": return .promote(RaftID(UInt64(try self.number(words, 1))))
    default: throw ScriptError("there is no change \(words.joined(separator: " "))")
    }
  }
}
