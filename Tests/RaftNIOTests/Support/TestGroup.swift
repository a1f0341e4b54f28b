// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import NIOPosix
import Raft
import RaftNIO
import Synchronization
import Testing

/// The loops of all members: their own, so that no other test's work holds up their heartbeats.
let memberLoops = MultiThreadedEventLoopGroup(numberOfThreads: 2)

/// Members of a group that replicates a ledger.
typealias TestGroup = MemberGroup<Ledger>

/// Members with real files and real sockets, in one process.
final class MemberGroup<Machine: StateMachine>: Sendable {
  /// One life of one member.
  struct Life: Sendable {
    var node: RaftNode<Machine>
    /// Ends when the node does.
    var task: Task<Void, any Error>
  }

  let directory: TemporaryDirectory
  let clusterID = "tests"
  private let machine: @Sendable () -> Machine
  private let addresses = Mutex<[RaftID: PeerAddress]>([:])
  private let lives = Mutex<[RaftID: Life]>([:])
  private let events: AsyncStream<(RaftID, RaftEvent)>
  private let sink: AsyncStream<(RaftID, RaftEvent)>.Continuation

  init(directory: TemporaryDirectory? = nil, machine: @escaping @Sendable () -> Machine) throws {
    self.machine = machine
    self.directory = try directory ?? TemporaryDirectory()
    (self.events, self.sink) = AsyncStream.makeStream()
  }

  func path(_ id: UInt64) -> String { "\(self.directory.path)/\(id)" }

  subscript(id: UInt64) -> RaftNode<Machine> {
    get throws { try #require(self.lives.withLock { $0[RaftID(id)] }).node }
  }

  func configuration(_ id: UInt64, _ start: RaftNodeConfiguration.Start) -> RaftNodeConfiguration {
    RaftNodeConfiguration(
      directory: self.path(id),
      clusterID: self.clusterID,
      member: RaftID(id),
      start: start,
      listen: PeerAddress(host: "127.0.0.1", port: 0),
      raft: RaftConfiguration(
        electionTimeout: .seconds(1),
        heartbeatInterval: .milliseconds(100),
        memory: .init(tailBytes: 64 << 10, trailingEntries: 50)
      ),
      segmentSize: 64 << 10,
      address: { [weak self] member in self?.addresses.withLock { $0[member.id] } }
    )
  }

  /// Starts a member, and waits until it listens.
  @discardableResult
  func start(
    _ id: UInt64,
    _ start: RaftNodeConfiguration.Start = .resume,
    on eventLoop: any EventLoop = memberLoops.next(),
    configure: (inout RaftNodeConfiguration) -> Void = { _ in }
  ) async throws -> RaftNode<Machine> {
    var configuration = self.configuration(id, start)
    configure(&configuration)
    let node = RaftNode(
      configuration: configuration,
      machine: self.machine(),
      eventLoop: eventLoop,
      logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    )
    let events = node.events
    Task { [sink] in
      for await event in events { sink.yield((RaftID(id), event)) }
    }
    let task = Task { try await node.run() }
    self.lives.withLock { $0[RaftID(id)] = Life(node: node, task: task) }
    if let address = try await node.listeningAddress(), let port = address.port {
      self.addresses.withLock { $0[RaftID(id)] = PeerAddress(host: "127.0.0.1", port: port) }
    }
    return node
  }

  /// Starts several members that begin a group together.
  func startAll(
    _ count: UInt64,
    witnesses: Int = 0,
    configure: (inout RaftNodeConfiguration) -> Void = { _ in }
  ) async throws {
    let contexts = [[UInt8]](repeating: [], count: Int(count))
    for id in 1...count { try await self.start(id, .bootstrap(contexts, witnesses: witnesses), configure: configure) }
  }

  /// Tells where a member is to be found from now on.
  func move(_ id: UInt64, to port: Int?) {
    self.addresses.withLock { $0[RaftID(id)] = port.map { PeerAddress(host: "127.0.0.1", port: $0) } }
  }

  /// The port that a member listens on, as others know it.
  func port(of id: UInt64) -> Int? { self.addresses.withLock { $0[RaftID(id)]?.port } }

  /// Waits for something that happens to any member, from where the last wait ended.
  @discardableResult
  func wait(for isExpected: (RaftID, RaftEvent) -> Bool) async throws -> RaftID {
    for await (id, event) in self.events where isExpected(id, event) { return id }
    throw CancellationError()
  }

  /// Waits for the next leader to be able to lead.
  ///
  /// On a busy machine it may have to give up at once: see ``leader()``.
  func nextLeader() async throws -> RaftNode<Machine> {
    let id = try await self.wait { _, event in
      if case .leadershipEstablished = event { true } else { false }
    }
    return try self[id.rawValue]
  }

  /// The member that leads, as soon as one does: on a busy machine that may be another one than before.
  func leader() async throws -> RaftNode<Machine> {
    let observer = try #require(self.lives.withLock { $0.min { $0.key < $1.key } }).value.node
    var events = observer.events.makeAsyncIterator()
    while true {
      if let leader = try await observer.status().leader, let life = self.lives.withLock({ $0[leader] }) { return life.node }
      guard await events.next() != nil else { throw CancellationError() }
    }
  }

  /// Asks whoever leads, and the next leader again when leadership moves; what is asked may be carried out more than once.
  func withLeader<Value>(_ ask: (RaftNode<Machine>) async throws -> Value) async throws -> Value {
    while true {
      do {
        return try await ask(self.leader())
      } catch let error as RaftError where error.isOfLeadership {
        continue
      }
    }
  }

  /// Waits until a read of a member's state is linearizable; asks again when there is no leader to confirm it.
  @discardableResult
  func readIndex(of id: UInt64) async throws -> LogIndex {
    let node = try self[id]
    var events = node.events.makeAsyncIterator()
    while true {
      do {
        return try await node.readIndex()
      } catch let error as RaftError where error.code == .notLeader {
        // A leader that didn't answer in time is asked again; one that isn't known yet makes itself heard.
        if error.leader == nil { _ = await events.next() }
      }
    }
  }

  /// Stops a member; returns when its directory is free.
  func stop(_ id: UInt64) async throws {
    let life = try #require(self.lives.withLock { $0.removeValue(forKey: RaftID(id)) })
    await life.node.shutdown()
    try await life.task.value
  }

  /// Ends a member as SIGKILL does.
  func kill(_ id: UInt64) async throws {
    let life = try #require(self.lives.withLock { $0.removeValue(forKey: RaftID(id)) })
    await life.node.shutdown(gracefully: false)
    await #expect(throws: RaftError.self) { try await life.task.value }
  }

  /// Waits for a member to end by itself, and gives the reason.
  func failure(of id: UInt64) async -> RaftError? {
    let life = self.lives.withLock { $0.removeValue(forKey: RaftID(id)) }
    return await #expect(throws: RaftError.self) { try await life?.task.value }
  }

  /// Stops everybody.
  func stopAll() async throws {
    for id in self.lives.withLock({ $0.keys.sorted() }) {
      if self.lives.withLock({ $0.count }) > 1 { try await self.kill(id.rawValue) } else { try await self.stop(id.rawValue) }
    }
  }

  /// Changes the group, as soon as the change before is over.
  func change(_ change: MembershipChange, through node: RaftNode<Machine>) async throws -> (RaftID, Membership) {
    var leader = node
    while true {
      do {
        return try await leader.changeMembership(change)
      } catch let error as RaftError where error.isRetryable {
        // What is decided after it takes its time, too.
        try await self.readIndex(of: leader.configuration.member.rawValue)
      } catch let error as RaftError where error.code == .notLeader {
        leader = try await self.leader()
      }
    }
  }
}

extension MemberGroup where Machine == Ledger {
  convenience init(directory: TemporaryDirectory? = nil) throws { try self.init(directory: directory) { Ledger() } }

  /// Proposes to a member until it leads: while another one restarts it may have to give up, and leads again later.
  ///
  /// - Returns: the number of commands then; one whose outcome was unknown may be among them twice.
  func insist(on command: [UInt8], to node: RaftNode<Ledger>) async throws -> Int {
    while true {
      do {
        return try await node.propose(command).output
      } catch let error as RaftError {
        guard error.code == .notLeader || error.code == .outcomeUnknown else { throw error }
        _ = try await self.nextLeader()
      }
    }
  }

  /// Has a command carried out once by whoever leads, as a client would: asks the next leader when leadership moves, and looks
  /// what became of the command when that is unknown.
  ///
  /// For one client at a time, whose command differs from the one before.
  @discardableResult
  func propose(_ command: [UInt8]) async throws -> (index: LogIndex, output: Int) {
    while true {
      let leader = try await self.leader()
      do {
        return try await leader.propose(command)
      } catch let error as RaftError where error.isOfLeadership {
        guard error.code == .outcomeUnknown else { continue }
        // A leader that confirms reads has decided about everything that was proposed in the terms before its own.
        let index = try await self.readIndex(of: leader.configuration.member.rawValue)
        let commands = try await leader.withMachine { $0.commands }
        if commands.last == command { return (index, commands.count) }
      }
    }
  }

  /// What a member has applied, once it has everything up to `index`.
  func commands(of id: UInt64, upTo index: LogIndex) async throws -> [[UInt8]] {
    while try await self.readIndex(of: id) < index {}
    return try await self[id].withMachine { $0.commands }
  }
}

extension RaftError {
  /// Whether leadership moves, or just did.
  fileprivate var isOfLeadership: Bool { self.code == .notLeader || self.code == .outcomeUnknown || self.code == .busy }
}
