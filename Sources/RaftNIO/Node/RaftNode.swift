// SPDX-License-Identifier: Apache-2.0

public import Logging
public import NIOCore
public import Raft
internal import Synchronization

/// What a proposal asks of whoever makes it.
private enum QueueStep {
  case nothing, drain, refuse
}

/// One member of a Raft group: log and snapshots on disk, connections to the other members, and a state machine.
///
/// Everything happens on one event loop, but for the log, which one thread writes, and snapshots, which another one
/// writes. Call ``run()`` once; it returns after ``shutdown()``, and throws when storage fails: a failed sync is never
/// retried. All other methods may be called from anywhere, also before `run()`: they wait until the node has recovered.
public final class RaftNode<Machine: StateMachine>: Sendable {
  /// How a proposal ends: with its place in the log and what applying it gave.
  public typealias ProposalResult = Result<(index: LogIndex, output: Machine.Output), RaftError>

  /// What lives on the event loop while the node runs.
  struct Running {
    var driver: NodeDriver
    var host: MachineHost<Machine>
  }

  struct Proposal {
    var payload: [UInt8]
    var completion: @Sendable (ProposalResult) -> Void
  }

  private struct Queue {
    var proposals: [Proposal] = []
    var isDrainScheduled = false
    var isClosed = false
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
  let running: NIOLoopBoundBox<Running?>
  let phase = Mutex(Phase.idle)
  /// Succeeds when the node has recovered; fails when it never will.
  let hasStarted: EventLoopPromise<Void>
  /// Succeeds when the node listens.
  let isListening: EventLoopPromise<SocketAddress?>
  /// Succeeds after a clean end, and fails after any other.
  let hasStopped: EventLoopPromise<Void>
  private let queue = Mutex(Queue())

  /// Describes a node; ``run()`` brings it to life.
  ///
  /// - Parameters:
  ///   - configuration: who the node is and how it works.
  ///   - machine: an empty state machine; what the disk holds is restored into it.
  ///   - eventLoop: the loop that everything happens on. Give it to nobody who blocks it.
  ///   - logger: gets few lines: errors, refused connections, and role changes at debug level.
  public init(
    configuration: RaftNodeConfiguration,
    machine: Machine,
    eventLoop: any EventLoop,
    logger: Logger
  ) {
    var logger = logger
    logger[metadataKey: "raft"] = "\(configuration.member)"
    self.configuration = configuration
    self.eventLoop = eventLoop
    self.logger = logger
    self.initialMachine = machine
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

  /// Role, leader and membership changes, and snapshots, from now on.
  ///
  /// Each use of this property is a stream of its own; it ends when the node stops, and loses the oldest events when it
  /// isn't read.
  public var events: AsyncStream<RaftEvent> { self.hub.makeStream() }

  // MARK: - Proposing

  /// Proposes a command, and waits until this member has applied it.
  ///
  /// - Returns: The command's place in the log and what applying it gave.
  /// - Throws: ``RaftError`` with code `notLeader` (see ``Raft/RaftError/leaderMember``), `busy`, `payloadTooLarge` or
  ///   `stopped` when nothing was accepted, and `outcomeUnknown` when leadership was lost meanwhile: it may be applied
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
  public func propose(_ payload: [UInt8], completion: @escaping @Sendable (ProposalResult) -> Void) {
    let step = self.queue.withLock { queue -> QueueStep in
      guard !queue.isClosed else { return .refuse }
      queue.proposals.append(Proposal(payload: payload, completion: completion))
      guard !queue.isDrainScheduled else { return .nothing }
      queue.isDrainScheduled = true
      return .drain
    }
    switch step {
    case .nothing: break
    case .drain: self.eventLoop.execute { self.drain() }
    case .refuse: self.eventLoop.execute { completion(.failure(RaftError(.stopped, "the node is stopped"))) }
    }
  }

  /// Puts everything that was proposed meanwhile into the log, as one batch.
  func drain() {
    // Before the node runs, proposals gather.
    guard let running = self.running.value else { return }
    let proposals = self.queue.withLock { queue in
      queue.isDrainScheduled = false
      let proposals = queue.proposals
      queue.proposals = []
      return proposals
    }
    guard !proposals.isEmpty else { return }
    do throws(RaftError) {
      let place = try running.driver.propose(proposals.map { $0.payload[...] })
      running.host.wait(proposals.map(\.completion), from: place.first, term: place.term)
    } catch  where error.code == .payloadTooLarge && proposals.count > 1 {
      // One that is too large must not take the others with it.
      for proposal in proposals { self.propose(alone: proposal, running) }
    } catch {
      for proposal in proposals { proposal.completion(.failure(error)) }
    }
  }

  private func propose(alone proposal: Proposal, _ running: Running) {
    do throws(RaftError) {
      let place = try running.driver.propose([proposal.payload[...]])
      running.host.wait([proposal.completion], from: place.first, term: place.term)
    } catch {
      proposal.completion(.failure(error))
    }
  }

  /// Refuses proposals from now on, and those that wait.
  func closeQueue(_ error: RaftError) {
    let proposals = self.queue.withLock { queue in
      queue.isClosed = true
      let proposals = queue.proposals
      queue.proposals = []
      return proposals
    }
    for proposal in proposals { proposal.completion(.failure(error)) }
  }
}
