// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

extension OrchestrationWorld {
  /// Carries out one step of the plan.
  mutating func carryOut(_ step: OrchestrationStep) {
    var random = SeededStream(seed: step.chance)
    switch step.action {
    case .createService, .updateService, .scaleService, .rollBack, .removeService, .stopOrStart, .restartService, .askTwice,
      .changeNode, .removeNode:
      self.ask(step.action, &random)
    case .addNode:
      guard self.agents.count < 12, self.managers[self.leader].control != nil, self.managers[self.leader].term == self.log.term
      else { return }
      self.addNode(role: .worker, cpus: Int64(random.within(1...4)))
    case .endTask, .restartAgent, .losePower, .cutNode, .healNode, .closeStream, .registerAgain, .lie, .gossip, .shrinkNode:
      self.trouble(step.action, &random)
    case .changeLeader:
      let next = random.below(self.managers.count)
      if self.managers[next].isUp { self.elect(next, keeping: random.below(self.log.tail.count + 1)) }
    case .crashManager:
      self.crashManager(random.perMille(500) ? self.leader : random.below(self.managers.count))
    case .installSnapshot:
      self.installSnapshot()
    case .refuseProposals:
      self.managers[self.leader].refusesUntil = self.now + Nanoseconds(random.within(1...800)) * 1_000_000
    case .jumpClock:
      let manager = random.below(self.managers.count)
      self.oracle.coverage.saw(.clockJumped)
      self.managers[manager].wallOffset += .seconds(random.within(-100...100))
      self.managers[manager].clockJumps += 1
    }
  }

  // MARK: - Nodes

  private mutating func trouble(_ action: OrchestrationStep.Action, _ random: inout SeededStream) {
    let agent = random.below(self.agents.count)
    switch action {
    case .endTask:
      let running = self.agents[agent].runtime.running
      guard !running.isEmpty else { return }
      self.exit(random.one(of: running), on: agent, code: random.one(of: [0, 1]))
    case .restartAgent, .losePower:
      self.stopAgent(agent, machineStops: action == .losePower)
      self.events.add(.power(agent: agent), at: self.now + Nanoseconds(random.one(of: [50, 1_000, 10_000, 60_000])) * 1_000_000)
    case .cutNode:
      guard !self.agents[agent].isCut else { return }
      self.agents[agent].isCut = true
      self.breakLink(agent)
    case .healNode:
      for agent in self.agents.indices where random.perMille(600) { self.agents[agent].isCut = false }
    case .closeStream:
      self.reconnect(agent, after: Nanoseconds(random.one(of: [0, 500, 5_000])) * 1_000_000)
    case .registerAgain:
      let request = SessionRequest(nodeID: self.agents[agent].node, description: self.agents[agent].description)
      self.sendToManager(.register(request), agent)
    case .lie:
      self.lie(agent, &random)
    case .gossip:
      let isGone = random.perMille(500)
      if isGone { self.oracle.coverage.saw(.gossipGone) }
      self.oracle.gossipedGone.insert(self.agents[agent].node)
      self.tellControl(self.leader, .gossip(self.agents[agent].node, isGone ? .gone : .present))
    case .shrinkNode:
      self.shrink(agent, &random)
    default:
      return
    }
  }

  /// A machine has less than before, which its agent tells when it registers.
  private mutating func shrink(_ agent: Int, _ random: inout SeededStream) {
    guard var resources = self.agents[agent].description.resources, resources.nanoCPUs > 0 else { return }
    // Something is left, so that services of every node have room in the end.
    resources.nanoCPUs = max(600_000_000, resources.nanoCPUs / Int64(random.one(of: [2, 4, 8])))
    resources.memoryBytes /= random.one(of: [1, 2, 4])
    if random.perMille(300) { resources.generic = Array(resources.generic.dropLast()) }
    self.agents[agent].description.resources = resources
    self.oracle.coverage.saw(.nodeShrunk)
    self.reconnect(agent, after: 0)
  }

  /// O5, O6: an agent reports what it has no business to report.
  private mutating func lie(_ agent: Int, _ random: inout SeededStream) {
    let manager = self.agents[agent].manager
    guard let session = self.agents[agent].session, var control = self.managers[manager].control.take() else { return }
    defer {
      self.managers[manager].control = control
      self.wakeTurn(manager)
    }
    let store = self.managers[manager].store
    guard !store.taskIDs().isEmpty else { return }
    let node = self.agents[agent].node
    let own = store.tasks(on: node)
    let task = own.isEmpty || random.perMille(300) ? random.one(of: store.tasks()) : random.one(of: own)
    let isForeign = task.nodeID != node
    let former = self.agents[agent].formerSessions.filter { $0 != session && self.managers[manager].accepted[node] != $0 }
    let isStale = random.perMille(300)
    let used: SessionID = isStale ? former.last ?? self.ids.make() : session
    let states: [TaskState] = [.new, .assigned, .accepted, .preparing, .remove, .orphaned, .failed, .failed, .complete]
    let state = random.one(of: states)
    let isEnd = (state == .failed || state == .complete) && !isForeign && !isStale && task.status.state == .running
    let update = TaskStatusUpdate(task: task.id, status: TaskStatus(timestamp: self.wallTime, state: state))
    if !isForeign, !isStale { self.oracle.said(update, by: node, now: self.now, term: self.managers[manager].term) }
    do throws(SwarmError) {
      let (now, time) = (self.elapsed, self.time(of: manager))
      try control.updateStatuses([update], node: node, session: used, now: now, time: time)
      if isStale { self.oracle.fail("O6: a session that isn't the node's may report") }
      if isForeign { self.oracle.fail("O5: a node may report of another one's task") }
      self.oracle.coverage.saw(isEnd ? .falseEnd : .wentBackwards)
    } catch {
      self.oracle.coverage.saw(isStale ? .staleSessionRefused : .foreignTaskRefused)
    }
  }
}
