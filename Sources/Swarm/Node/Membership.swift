// SPDX-License-Identifier: Apache-2.0

internal import SwarmAgent
internal import SwarmControl
internal import SwarmModel
internal import Synchronization

/// A node's part in one swarm: everything that runs while it is a member.
final class Membership: Sendable {
  let identity: NodeIdentity
  let manager: Manager?
  private let agent: SwarmAgent
  let gossip: NodeGossip
  let renewal: CertificateRenewal
  private let view: AgentView
  private let port: ManagerPort?
  private let (end, hasEnded) = AsyncStream<Never>.makeStream()
  private let (agentEnd, agentHasEnded) = AsyncStream<Never>.makeStream()
  private let isOver = Mutex(false)

  init(
    identity: NodeIdentity,
    manager: Manager?,
    agent: SwarmAgent,
    gossip: NodeGossip,
    renewal: CertificateRenewal,
    view: AgentView,
    port: ManagerPort?
  ) {
    self.identity = identity
    self.manager = manager
    self.agent = agent
    self.gossip = gossip
    self.renewal = renewal
    self.view = view
    self.port = port
  }

  /// Runs until ``shutdown(stoppingTasks:)`` or cancellation.
  func run() async throws {
    defer {
      self.isOver.withLock { $0 = true }
      self.agentHasEnded.finish()
      self.hasEnded.finish()
    }
    // Goes on as long as the others do, and is cancelled then.
    async let _: Void = self.renewal.run()
    try await withThrowingTaskGroup(of: Void.self) { group in
      if let manager { group.addTask { try await manager.run() } }
      group.addTask { await self.gossip.run() }
      group.addTask {
        try await self.agent.run()
        // A manager goes on until the tasks of its node have stopped.
        self.agentHasEnded.finish()
      }
      // The first failure ends the others: a node without its agent, or its manager, can't go on.
      for try await _ in group {}
    }
  }

  /// Waits until the node is usable.
  ///
  /// - Throws: `unavailable` when it ends before.
  func ready() async throws {
    if let manager {
      // The description comes with the agent's first session: then the node is found by its hostname and takes tasks.
      while try await manager.read().node(self.identity.nodeID)?.description == nil {
        try self.checkRunning()
        try await Task.sleep(for: .milliseconds(20))
      }
    } else {
      while !self.view.hasSession {
        try self.checkRunning()
        try await Task.sleep(for: .milliseconds(10))
      }
    }
  }

  private func checkRunning() throws(SwarmError) {
    if self.isOver.withLock(\.self) { throw .nodeHasEnded }
  }

  /// Ends ``run()``: tasks first, then leadership, then the port.
  func shutdown(stoppingTasks: Bool) async {
    self.agent.shutdown(stoppingTasks ? .stopTasks : .leaveRunning)
    async let goodbye: Void = self.gossip.leave()
    for await _ in self.agentEnd {}
    await self.manager?.shutdown()
    await goodbye
    self.port?.close()
  }

  /// Waits until ``run()`` has returned.
  func ended() async {
    for await _ in self.end {}
  }

  /// What the node knows of itself.
  var status: LocalNodeStatus {
    var status = LocalNodeStatus(
      state: .active,
      role: self.identity.role,
      nodeID: self.identity.nodeID,
      clusterID: self.identity.clusterID,
      nodeAddress: self.identity.advertiseAddress
    )
    if let manager {
      let leadership = manager.leadership.withLock(\.self)
      status.isLeader = leadership.isLeader
      status.managers = leadership.members.sorted { $0.key < $1.key }.map {
        LocalNodeStatus.Manager(nodeID: $0.value.nodeID, address: $0.value.address)
      }
    } else {
      status.managers = self.view.managers
    }
    return status
  }
}
