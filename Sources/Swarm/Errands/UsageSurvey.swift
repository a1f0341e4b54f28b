// SPDX-License-Identifier: Apache-2.0

internal import SwarmAgent
internal import SwarmModel
internal import Synchronization

/// One question to several nodes, and their answers.
final class UsageSurvey: Sendable {
  private struct State {
    var missing: Set<NodeID>
    var answers: [NodeUsage] = []
  }

  private let state: Mutex<State>
  private let isComplete = Latch<Void>()

  init(of nodes: Set<NodeID>) {
    self.state = Mutex(State(missing: nodes))
    if nodes.isEmpty { self.isComplete.set(()) }
  }

  /// Takes the answer of a node; who wasn't asked, or answers again, isn't heard.
  func answer(of node: NodeID, _ usage: NodeUsage) {
    let isComplete = self.state.withLock { state in
      guard state.missing.remove(node) != nil else { return false }
      var usage = usage
      usage.node = node
      state.answers.append(usage)
      return state.missing.isEmpty
    }
    if isComplete { self.isComplete.set(()) }
  }

  /// The answers, sorted by node, when all have come or the time is over.
  func answers(within patience: Duration) async throws -> [NodeUsage] {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await self.isComplete.wait() }
      group.addTask { try await Task.sleep(for: patience) }
      defer { group.cancelAll() }
      try await group.next()
    }
    return self.state.withLock { $0.answers.sorted { $0.node < $1.node } }
  }
}
