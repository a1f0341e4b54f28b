// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import Raft

/// A state machine as the driver sees it: no types of the host, one call per batch.
protocol MachineHosting: AnyObject {
  /// Takes in decided entries of every kind, and answers those who wait for them.
  func apply(_ entries: [Entry]) throws
  /// Passes an event on.
  func didChange(_ event: RaftEvent)
  /// The state as it is now.
  func snapshot() -> any SnapshotSource
  /// Replaces the state.
  func restore(from snapshot: [UInt8]) throws
  /// After how many applied entries the next snapshot is due, if the state says so.
  var entriesBetweenSnapshots: Int? { get }
  /// Answers everybody who still waits.
  func failWaiting(_ error: RaftError)
  /// Set when somebody was answered: what is asked for from then on waits for ``takeRequests(for:)``.
  var isGathering: Bool { get }
  /// Gives the driver what was asked for meanwhile, as one batch; false when that is nothing.
  func takeRequests(for driver: NodeDriver) -> Bool
}

/// Owns the state machine and those who wait for their commands.
///
/// Lives on the node's event loop. What happens per entry is inlinable, so that it is compiled for the machine's type.
@usableFromInline
final class MachineHost<Machine: StateMachine>: MachineHosting {
  /// How a proposal ends.
  @usableFromInline typealias Completion = RequestQueue<Machine.Output>.Completion

  /// What is done per entry, compiled for the machine's type.
  @usableFromInline
  struct Work: Sendable {
    let apply: @Sendable (MachineHost<Machine>, [Entry]) throws -> Void
    let take: @Sendable (MachineHost<Machine>, NodeDriver) -> Bool

    @usableFromInline
    init(
      apply: @escaping @Sendable (MachineHost<Machine>, [Entry]) throws -> Void,
      take: @escaping @Sendable (MachineHost<Machine>, NodeDriver) -> Bool
    ) {
      self.apply = apply
      self.take = take
    }
  }

  /// Those who proposed one batch, in order.
  @usableFromInline
  struct Waiting {
    /// The index that the next of them waits for.
    @usableFromInline var index: LogIndex
    @usableFromInline let term: Term
    @usableFromInline let completions: [Completion]
    /// How many of them are answered.
    @usableFromInline var answered = 0

    @inlinable
    init(index: LogIndex, term: Term, completions: [Completion]) {
      self.index = index
      self.term = term
      self.completions = completions
    }
  }

  /// The state machine.
  @usableFromInline var machine: Machine
  @usableFromInline var waiting = CircularBuffer<Waiting>()
  @usableFromInline var outputs: [Machine.Output] = []
  @usableFromInline var isGathering = false
  @usableFromInline let queue: RequestQueue<Machine.Output>
  private let work: Work

  init(_ machine: Machine, _ queue: RequestQueue<Machine.Output>, _ work: Work) {
    self.machine = machine
    self.queue = queue
    self.work = work
  }

  var entriesBetweenSnapshots: Int? { self.machine.entriesBetweenSnapshots }

  func takeRequests(for driver: NodeDriver) -> Bool { self.work.take(self, driver) }

  @inlinable
  func takeInPlace(for driver: NodeDriver) -> Bool {
    self.isGathering = false
    let batch = self.queue.take()
    guard !batch.isEmpty else { return false }
    if !batch.payloads.isEmpty { self.propose(batch.payloads, batch.completions, to: driver) }
    if !batch.reads.isEmpty { driver.readIndex(batch.reads) }
    return true
  }

  /// Proposes, and remembers who waits for it.
  @inlinable
  func propose(_ payloads: [ArraySlice<UInt8>], _ completions: [Completion], to driver: NodeDriver) {
    switch driver.accept(payloads) {
    case .success(let place):
      self.waiting.append(Waiting(index: place.first, term: place.term, completions: completions))
    case .failure(let error):
      for completion in completions { completion(.failure(error)) }
    }
  }

  func apply(_ entries: [Entry]) throws { try self.work.apply(self, entries) }

  @inlinable
  func applyInPlace(_ entries: [Entry]) throws {
    let areCommands = entries.indices.allSatisfy { entries[$0].kind == .command }
    let commands = areCommands ? entries : entries.filter { $0.kind == .command }
    guard !commands.isEmpty else { return }
    if !self.waiting.isEmpty, !self.isGathering {
      self.isGathering = true
      self.queue.gather()
    }
    self.outputs.removeAll(keepingCapacity: true)
    self.outputs.reserveCapacity(commands.count)
    try self.machine.apply(commands, into: &self.outputs)
    precondition(
      self.outputs.count == commands.count,
      "the state machine gave \(self.outputs.count) outputs for \(commands.count) commands"
    )
    self.answer(commands)
  }

  /// Answers those who wait for these commands.
  ///
  /// What they call does not come back here: requests gather until the turn takes them.
  @inlinable
  func answer(_ commands: [Entry]) {
    var position = 0
    while position < commands.count, var batch = self.waiting.first {
      while position < commands.count, batch.answered < batch.completions.count {
        let (index, term) = (commands[position].index, commands[position].term)
        guard batch.index <= index else {
          position += 1
          continue
        }
        let completion = batch.completions[batch.answered]
        if batch.index == index, batch.term == term {
          completion(.success((index, self.outputs[position])))
        } else {
          // Another leader's entry was decided in its place, so it never will be.
          completion(.failure(RaftError(.notLeader, "another leader's entry took the place of the proposal")))
        }
        if batch.index == index { position += 1 }
        batch.index = batch.index.next
        batch.answered += 1
      }
      if batch.answered == batch.completions.count {
        self.waiting.removeFirst()
      } else {
        self.waiting[self.waiting.startIndex] = batch
      }
    }
  }

  func didChange(_ event: RaftEvent) { self.machine.didChange(event) }

  func snapshot() -> any SnapshotSource { self.machine.snapshot() }

  func restore(from snapshot: [UInt8]) throws { try self.machine.restore(from: snapshot) }

  func failWaiting(_ error: RaftError) {
    let waiting = self.waiting
    self.waiting = []
    for batch in waiting {
      for completion in batch.completions[batch.answered...] { completion(.failure(error)) }
    }
  }
}
