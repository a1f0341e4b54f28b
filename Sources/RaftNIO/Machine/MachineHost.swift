// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Raft

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
  /// Answers everybody who still waits.
  func failWaiting(_ error: RaftError)
}

/// Owns the state machine and those who wait for their commands.
///
/// Lives on the node's event loop.
final class MachineHost<Machine: StateMachine>: MachineHosting {
  /// How a proposal ends.
  typealias Completion = @Sendable (Result<(index: LogIndex, output: Machine.Output), RaftError>) -> Void

  private struct Waiting {
    var index: LogIndex
    var term: Term
    var completion: Completion
  }

  /// The state machine.
  var machine: Machine
  private var waiting = CircularBuffer<Waiting>()
  private var outputs: [Machine.Output] = []

  init(_ machine: Machine) { self.machine = machine }

  /// Remembers who proposed the entries from `first` on; they are in the log now.
  func wait(_ completions: [Completion], from first: LogIndex, term: Term) {
    var index = first
    for completion in completions {
      self.waiting.append(Waiting(index: index, term: term, completion: completion))
      index = index.next
    }
  }

  func apply(_ entries: [Entry]) throws {
    let commands = entries.allSatisfy { $0.kind == .command } ? entries : entries.filter { $0.kind == .command }
    guard !commands.isEmpty else { return }
    self.outputs.removeAll(keepingCapacity: true)
    try self.machine.apply(commands, into: &self.outputs)
    precondition(
      self.outputs.count == commands.count,
      "the state machine gave \(self.outputs.count) outputs for \(commands.count) commands"
    )
    guard !self.waiting.isEmpty else { return }
    for (entry, output) in zip(commands, self.outputs) { self.complete(entry, output) }
  }

  private func complete(_ entry: Entry, _ output: Machine.Output) {
    while let first = self.waiting.first, first.index <= entry.index {
      self.waiting.removeFirst()
      if first.index == entry.index, first.term == entry.term {
        first.completion(.success((entry.index, output)))
      } else {
        // Another leader's entry was decided in its place, so it never will be.
        first.completion(.failure(RaftError(.notLeader, "another leader's entry took the place of the proposal")))
      }
    }
  }

  func didChange(_ event: RaftEvent) { self.machine.didChange(event) }

  func snapshot() -> any SnapshotSource { self.machine.snapshot() }

  func restore(from snapshot: [UInt8]) throws { try self.machine.restore(from: snapshot) }

  func failWaiting(_ error: RaftError) {
    let waiting = self.waiting
    self.waiting = []
    for waiter in waiting { waiter.completion(.failure(error)) }
  }
}
