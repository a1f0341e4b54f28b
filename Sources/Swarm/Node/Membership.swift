// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import SwarmAgent
internal import SwarmControl
internal import SwarmModel
internal import Synchronization

/// A node's part in one swarm: everything that runs while it is a member.
///
/// The agent is there from the beginning to the end; the manager comes and goes with the node's role.
final class Membership: Sendable {
  /// What the leader's messages ask of this node is done by this; it is tried again when it fails.
  typealias Obey = @Sendable (SessionMessage, Membership) async throws -> Void

  private enum Job: Sendable {
    case run(@Sendable () async throws -> Void)
    case fail(any Error)
  }

  let place: NodePlace
  let certificates: NodeCertificates
  let agent: SwarmAgent
  let gossip: NodeGossip
  let renewal: CertificateRenewal
  let view: AgentView
  private let obey: Obey
  private let logger: Logger
  private let (jobs, jobInput) = AsyncStream<Job>.makeStream()
  private let (end, hasEnded) = AsyncStream<Never>.makeStream()
  private let (agentEnd, agentHasEnded) = AsyncStream<Never>.makeStream()
  private let isOver = Mutex(false)

  init(
    place: NodePlace,
    certificates: NodeCertificates,
    agent: SwarmAgent,
    gossip: NodeGossip,
    renewal: CertificateRenewal,
    view: AgentView,
    logger: Logger,
    obey: @escaping Obey
  ) {
    self.place = place
    self.certificates = certificates
    self.agent = agent
    self.gossip = gossip
    self.renewal = renewal
    self.view = view
    self.logger = logger
    self.obey = obey
  }

  var identity: NodeIdentity { self.place.identity }
  var manager: Manager? { self.place.manager }

  /// Runs until ``shutdown(stoppingTasks:)`` or cancellation.
  func run() async throws {
    defer {
      self.isOver.withLock { $0 = true }
      self.agentHasEnded.finish()
      self.hasEnded.finish()
    }
    if let manager { self.serve(manager) }
    self.jobInput.yield(.run { await self.renewal.run() })
    self.jobInput.yield(.run { await self.gossip.run() })
    self.jobInput.yield(.run { await self.followLeader() })
    self.jobInput.yield(
      .run {
        // A manager goes on until the tasks of its node have stopped.
        defer { self.agentHasEnded.finish() }
        try await self.agent.run()
      }
    )
    try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      for await job in self.jobs {
        switch job {
        case .run(let body):
          group.addTask {
            do {
              try await body()
            } catch {
              // The first failure ends the others: a node without its agent, or its manager, can't go on.
              self.jobInput.yield(.fail(error))
            }
          }
        case .fail(let error): throw error
        }
      }
    }
  }

  /// Runs a manager beside everything else.
  func serve(_ manager: Manager) {
    self.jobInput.yield(.run { try await manager.run() })
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
    let office = self.place.end()
    await office?.manager.shutdown()
    await goodbye
    office?.port.close()
    self.jobInput.finish()
  }

  /// Waits until ``run()`` has returned.
  func ended() async {
    for await _ in self.end {}
  }

  /// Does what the leader's messages ask, the newest one each time.
  private func followLeader() async {
    for await _ in self.view.news {
      var pause = Duration.milliseconds(200)
      while !Task.isCancelled, let told = self.view.told {
        do {
          try await self.obey(told, self)
          break
        } catch {
          self.logger.warning(
            "what the leader asks of this node can't be done yet",
            metadata: ["reason": "\((error as? SwarmError)?.message ?? "\(error)")"]
          )
          try? await Task.sleep(for: pause)
          pause = min(pause * 2, .seconds(5))
        }
      }
    }
  }

  /// What the node knows of itself.
  var status: LocalNodeStatus {
    let (identity, manager) = (self.identity, self.manager)
    var status = LocalNodeStatus(
      state: .active,
      role: manager == nil ? .worker : .manager,
      nodeID: identity.nodeID,
      clusterID: identity.clusterID,
      nodeAddress: identity.advertiseAddress
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
