// SPDX-License-Identifier: Apache-2.0

public import Logging
public import NIOCore
public import Raft
internal import Synchronization

/// One member of a Raft group: log and snapshots on disk, connections to the other members, and a state machine.
///
/// Everything happens on one event loop, but for the log, which one thread writes, and snapshots, which another one
/// writes. Call ``run()`` once; it returns after ``shutdown()``, and throws when storage fails: a failed sync is never
/// retried. All other methods may be called from anywhere, also before `run()`: they wait until the node has recovered.
public final class RaftNode<Machine: StateMachine>: Sendable {
  /// How a read ends: with the index that the state machine has reached.
  public typealias ReadCompletion = @Sendable (Result<LogIndex, RaftError>) -> Void
  /// How a proposal ends: with its place in the log and what applying it gave.
  public typealias ProposalResult = Result<(index: LogIndex, output: Machine.Output), RaftError>

  /// What lives on the event loop while the node runs.
  @usableFromInline
  struct Running {
    @usableFromInline var driver: NodeDriver
    @usableFromInline var host: MachineHost<Machine>
  }

  /// How far the node's life is.
  enum Phase: Equatable {
    case idle
    case running
    case stopped
  }

  /// Who the node is and how it works.
  public let configuration: RaftNodeConfiguration
  /// The event loop that everything happens on, the state machine included.
  public let eventLoop: any EventLoop

  let logger: Logger
  let hub = EventHub()
  let initialMachine: Machine
  @usableFromInline let running: NIOLoopBoundBox<Running?>
  /// Code for the machine's own type, made where that is known.
  let work: MachineHost<Machine>.Work
  let phase = Mutex(Phase.idle)
  /// Succeeds when the node has recovered; fails when it never will.
  let hasStarted: EventLoopPromise<Void>
  /// Succeeds when the node listens.
  let isListening: EventLoopPromise<SocketAddress?>
  /// Succeeds after a clean end, and fails after any other.
  let hasStopped: EventLoopPromise<Void>
  @usableFromInline let queue = RequestQueue<Machine.Output>()

  /// Describes a node; ``run()`` brings it to life.
  ///
  /// - Parameters:
  ///   - configuration: who the node is and how it works.
  ///   - machine: an empty state machine; what the disk holds is restored into it.
  ///   - eventLoop: the loop that everything happens on. Give it to nobody who blocks it.
  ///   - logger: gets few lines: errors, refused connections, and role changes at debug level.
  @inlinable
  public convenience init(
    configuration: RaftNodeConfiguration,
    machine: Machine,
    eventLoop: any EventLoop,
    logger: Logger
  ) {
    let work = MachineHost<Machine>.Work(apply: { try $0.applyInPlace($1) }, take: { $0.takeInPlace(for: $1) })
    self.init(configuration, machine, eventLoop, logger, work)
  }

  @usableFromInline
  init(
    _ configuration: RaftNodeConfiguration,
    _ machine: Machine,
    _ eventLoop: any EventLoop,
    _ logger: Logger,
    _ work: MachineHost<Machine>.Work
  ) {
    var logger = logger
    logger[metadataKey: "raft"] = "\(configuration.member)"
    self.configuration = configuration
    self.eventLoop = eventLoop
    self.logger = logger
    self.initialMachine = machine
    self.work = work
    self.running = .makeEmptyBox(eventLoop: eventLoop)
    self.hasStarted = eventLoop.makePromise()
    self.isListening = eventLoop.makePromise()
    self.hasStopped = eventLoop.makePromise()
  }

  deinit {
    // A node that never ran leaves nobody waiting.
    guard self.phase.withLock({ $0 == .idle }) else { return }
    let error = RaftError(.stopped, "the node never ran")
    self.hasStarted.fail(error)
    self.isListening.fail(error)
    self.hasStopped.fail(error)
  }

  /// Role, leader and membership changes, snapshots and connections, from now on.
  ///
  /// Each use of this property is a stream of its own; it ends when the node stops, and loses the oldest events when it
  /// isn't read.
  public var events: AsyncStream<RaftEvent> { self.hub.makeStream() }

  // MARK: - Proposing

  /// Proposes a command, and waits until this member has applied it.
  ///
  /// - Returns: The command's place in the log and what applying it gave.
  /// - Throws: ``RaftError`` with code `notLeader` (see ``Raft/RaftError/leaderMember``), `busy`, `storageFull`,
  ///   `payloadTooLarge` or `stopped` when nothing was accepted, and `outcomeUnknown` when leadership was lost meanwhile: it may be applied
  ///   or not.
  public func propose(_ payload: [UInt8]) async throws -> (index: LogIndex, output: Machine.Output) {
    try await withCheckedThrowingContinuation { continuation in
      self.propose(payload) { result in continuation.resume(with: result.mapError { $0 as any Error }) }
    }
  }

  /// Proposes a command, and calls back on the event loop when this member has applied it.
  ///
  /// No task switch is involved.
  ///
  /// What is proposed while the loop is busy shares one batch. Errors are as for ``propose(_:)``.
  @inlinable
  public func propose(_ payload: [UInt8], completion: @escaping @Sendable (ProposalResult) -> Void) {
    // Refused here, it can't take others with it.
    guard payload.count <= self.configuration.raft.limits.payloadBytes else {
      let error = RaftError(.payloadTooLarge, "a payload has \(payload.count) bytes")
      return self.eventLoop.execute { completion(.failure(error)) }
    }
    self.take(self.queue.add(payload[...], completion)) { completion(.failure($0)) }
  }

  /// Calls back on the event loop when a read of this member's state machine is linearizable.
  ///
  /// No task switch is involved, and what is asked for while the loop is busy shares one confirmation. Errors are as for
  /// ``readIndex()``.
  @inlinable
  public func readIndex(completion: @escaping ReadCompletion) {
    self.take(self.queue.add(completion)) { completion(.failure($0)) }
  }

  /// Does what the queue asks of whoever added something to it.
  @inlinable
  func take(_ step: RequestQueue<Machine.Output>.Step, refuse: @escaping @Sendable (RaftError) -> Void) {
    switch step {
    case .nothing: break
    case .drain: self.eventLoop.execute { self.drain() }
    case .refuse: self.eventLoop.execute { refuse(RaftError(.stopped, "the node is stopped")) }
    }
  }

  /// Takes everything that was asked for meanwhile, as one batch.
  @inlinable
  func drain() {
    // Before the node runs, requests gather.
    guard let running = self.running.value else { return }
    // The end of a turn may have been quicker.
    guard running.host.takeInPlace(for: running.driver) else { return }
    // Nothing is known to come that could share the batch: what arrived on sockets was read before.
    running.driver.turnNow()
  }

  /// Refuses requests from now on, and those that wait.
  func closeQueue(_ error: RaftError) {
    let batch = self.queue.take(closing: true)
    for completion in batch.completions { completion(.failure(error)) }
    for read in batch.reads { read(.failure(error)) }
  }
}
