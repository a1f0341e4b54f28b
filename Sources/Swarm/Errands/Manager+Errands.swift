// SPDX-License-Identifier: Apache-2.0

internal import NIOPosix
internal import SwarmControl
internal import SwarmModel
internal import SwarmWire
internal import Synchronization

/// Commands beside tasks, on the leader and on managers that pass on to it.
extension Manager {
  func errands(node: NodeID) async throws -> AsyncThrowingStream<Errand, any Error> {
    try self.requireLeadership()
    return self.errandHub.listen(node)
  }

  func attend(
    _ errand: ErrandID,
    node: NodeID,
    events: AsyncThrowingStream<ExecEvent, any Error>,
    send: @escaping @Sendable (ExecInput) async throws -> Void
  ) async throws {
    try self.requireLeadership()
    try await self.errandHub.attend(errand, node: node, events: events, send: send)
  }

  func exec(
    _ command: TaskCommand,
    input: any AsyncSequence<ExecInput, any Error> & Sendable,
    output: @escaping @Sendable (ExecOutput) async throws -> Void
  ) async throws -> Int32 {
    try self.requireLeadership()
    let node = try self.place(of: command.task)
    return try await self.errandHub.exec(command, on: node, input: input, output: output)
  }

  func answer(_ errand: ErrandID, node: NodeID, usage: NodeUsage) async throws {
    try self.requireLeadership()
    self.errandHub.answer(errand, node: node, usage: usage)
  }

  func usages(of nodes: [NodeID]) async throws -> [NodeUsage] {
    try self.requireLeadership()
    return try await self.errandHub.usages(of: nodes)
  }

  /// What is used of nodes, from wherever the leader is.
  func measure(_ nodes: [NodeID]) async throws -> [NodeUsage] {
    try await self.persistently {
      guard !self.leadership.withLock(\.isLeader) else { return try await self.usages(of: nodes) }
      guard let leader = self.leadership.withLock(\.leader) else { throw SwarmError.noLeader }
      return try await self.peers.connection(to: leader.address).usages(of: nodes)
    }
  }

  /// Runs a command beside a task from wherever the leader is.
  func run(
    _ command: TaskCommand,
    input: any AsyncSequence<ExecInput, any Error> & Sendable,
    output: @escaping @Sendable (ExecOutput) async throws -> Void
  ) async throws -> Int32 {
    guard !self.leadership.withLock(\.isLeader) else { return try await self.exec(command, input: input, output: output) }
    guard let leader = self.leadership.withLock(\.leader) else { throw SwarmError.noLeader }
    // A connection of its own: what waits here for a slow reader must not hold up requests.
    return try await ManagerClient.withConnection(
      to: leader.address,
      as: self.identity.nodeID,
      security: .mutual(self.certificates.security),
      on: MultiThreadedEventLoopGroup.singleton
    ) { try await $0.exec(command, input: input, output: output) }
  }

  /// The node on which a task runs.
  ///
  /// - Throws: `notFound` and `failedPrecondition` where no command can be run beside it.
  private func place(of id: TaskID) throws(SwarmError) -> NodeID {
    let store = self.board.store
    guard let task = store.task(id) else { throw SwarmError(code: .notFound, message: "task \(id) not found") }
    guard task.status.state == .running, let nodeID = task.nodeID else {
      throw SwarmError(code: .failedPrecondition, message: "task \(id) is not running")
    }
    guard let node = store.node(nodeID), node.status.state != .down else {
      throw SwarmError(code: .unavailable, message: "node \(nodeID) is down")
    }
    guard node.description?.engine?.plugins.contains(.swiftSwarm) == true else {
      throw SwarmError(
        code: .failedPrecondition,
        message: "node \(nodeID) is a Docker Engine, which takes no commands from this swarm: run docker exec on it"
      )
    }
    return nodeID
  }
}
