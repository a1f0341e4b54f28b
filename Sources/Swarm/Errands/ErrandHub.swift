// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import SwarmControl
internal import SwarmModel
internal import SwarmWire
internal import Synchronization

/// Brings who asks something of a node together with the node.
///
/// Used on the leader only: nodes have their sessions there, and followers pass on to it.
final class ErrandHub: Sendable {
  /// How long to wait for a node that should listen or come, and doesn't.
  private let patience: Duration

  private struct State {
    var listeners: [NodeID: (number: UInt64, errands: AsyncThrowingStream<Errand, any Error>.Continuation)] = [:]
    var visits: [ErrandID: (visit: ExecVisit, errand: Errand)] = [:]
    var surveys: [ErrandID: UsageSurvey] = [:]
    var ids = IdentifierGenerator(seed: .random(in: 0 ... .max))
    var lastListener: UInt64 = 0
  }

  private let state = Mutex(State())

  init(patience: Duration = .seconds(10)) {
    self.patience = patience
  }

  // MARK: - Nodes

  /// A node wants to hear what is asked of it; of two streams of a node the newer one counts.
  func listen(_ node: NodeID) -> AsyncThrowingStream<Errand, any Error> {
    let (stream, continuation) = AsyncThrowingStream<Errand, any Error>.makeStream()
    let (number, older) = self.state.withLock { state in
      state.lastListener += 1
      let older = state.listeners.updateValue((state.lastListener, continuation), forKey: node)?.errands
      // What was asked while the node didn't listen, or over the older stream, which may have been lost with it. A node that comes twice for the
      // same errand finds that it is taken.
      for entry in state.visits.values.sorted(by: { $0.errand.id < $1.errand.id }) where entry.visit.node == node {
        continuation.yield(entry.errand)
      }
      return (state.lastListener, older)
    }
    continuation.onTermination = { _ in
      // Elsewhere: a task that is being cancelled can't be woken, and whoever holds the lock may be waking it with an errand.
      MultiThreadedEventLoopGroup.singleton.any().execute { self.left(node, number) }
    }
    older?.finish()
    return stream
  }

  /// A node's stream has ended.
  private func left(_ node: NodeID, _ number: UInt64) {
    self.state.withLock { state in
      if state.listeners[node]?.number == number { state.listeners[node] = nil }
    }
  }

  /// A node runs a command.
  ///
  /// - Throws: `notFound` when nobody waits for it any more.
  func attend(
    _ id: ErrandID,
    node: NodeID,
    events: AsyncThrowingStream<ExecEvent, any Error>,
    send: @escaping @Sendable (ExecInput) async throws -> Void
  ) async throws {
    guard let visit = self.state.withLock({ $0.visits[id]?.visit }), visit.node == node else {
      throw SwarmError(code: .notFound, message: "nobody waits for this command any more")
    }
    try await visit.run(events, send)
  }

  /// A node says what is used of it.
  func answer(_ id: ErrandID, node: NodeID, usage: NodeUsage) {
    self.state.withLock { $0.surveys[id] }?.answer(of: node, usage)
  }

  /// The store changed.
  func apply(_ changes: ChangeSet) {
    guard !changes.nodes.isEmpty else { return }
    let lost = changes.nodes.filter { $0.new.map { $0.status.state == .down } ?? true }.compactMap { ($0.new ?? $0.old)?.id }
    guard !lost.isEmpty else { return }
    let visits = self.state.withLock { state in state.visits.values.map(\.visit).filter { lost.contains($0.node) } }
    for visit in visits { visit.fail(SwarmError(code: .unavailable, message: "node \(visit.node) is down")) }
  }

  // MARK: - Who asks

  /// Runs a command on a node, and returns its exit code.
  func exec(
    _ command: TaskCommand,
    on node: NodeID,
    input: any AsyncSequence<ExecInput, any Error> & Sendable,
    output: @escaping @Sendable (ExecOutput) async throws -> Void
  ) async throws -> Int32 {
    let visit = ExecVisit(node: node, input: input, output: output)
    let id = self.state.withLock { state in
      let errand = Errand(id: state.ids.make(), work: .exec(command))
      state.visits[errand.id] = (visit, errand)
      state.listeners[node]?.errands.yield(errand)
      return errand.id
    }
    defer { self.state.withLock { _ = $0.visits.removeValue(forKey: id) } }
    return try await visit.outcome(within: self.patience)
  }

  /// What is used of nodes, as they say; of all that listen when none are named.
  ///
  /// - Parameter patience: how long they may take; those that take longer are missing.
  func usages(of nodes: [NodeID], within patience: Duration = .seconds(3)) async throws -> [NodeUsage] {
    let (id, survey) = self.state.withLock { state in
      let id: ErrandID = state.ids.make()
      let asked = nodes.isEmpty ? Array(state.listeners.keys) : nodes.filter { state.listeners[$0] != nil }
      let survey = UsageSurvey(of: Set(asked))
      state.surveys[id] = survey
      for node in asked.sorted() { state.listeners[node]?.errands.yield(Errand(id: id, work: .usage)) }
      return (id, survey)
    }
    defer { self.state.withLock { _ = $0.surveys.removeValue(forKey: id) } }
    return try await survey.answers(within: patience)
  }

  /// This manager leads no more: nodes look for the next leader, and who asks has to ask again.
  func stop() {
    let (listeners, visits) = self.state.withLock { state in
      defer { state.listeners = [:] }
      return (state.listeners, state.visits.values.map(\.visit))
    }
    for listener in listeners.values { listener.errands.finish(throwing: SwarmError.notLeading) }
    for visit in visits { visit.fail(SwarmError.notLeading) }
  }
}
