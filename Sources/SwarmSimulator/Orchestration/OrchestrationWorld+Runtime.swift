// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

extension OrchestrationWorld {
  // MARK: - Operations

  mutating func begin(_ operation: TaskOperation, _ agent: Int) {
    let number = self.agents[agent].runtime.begin(operation)
    guard let after = self.length(of: operation, agent) else { return }
    self.endLater(number, of: operation.task, agent, after: after)
  }

  private mutating func endLater(_ number: Int, of task: TaskID, _ agent: Int, after: Nanoseconds) {
    let event = Event.operation(agent: agent, life: self.agents[agent].life, task, number: number)
    self.events.add(event, at: self.now + after)
  }

  /// How long an operation takes; nil when it has no end of its own.
  private mutating func length(of operation: TaskOperation, _ agent: Int) -> Nanoseconds? {
    let image = self.image(of: operation.task, agent)
    switch operation.verb {
    case .wait:
      // Ends when the container does, unless it did before.
      guard let container = self.agents[agent].runtime.containers[operation.task], container.isRunning else { return 0 }
      return nil
    case .prepare where image == "stuck":
      return nil
    case .prepare:
      return self.isExact ? 1_000_000_000 : 1 + self.wait(upTo: 2_000_000_000, \.runtime, in: &self.chance)
    case .shutdown where image == "stubborn" && !self.killsStubborn:
      return 100_000_000_000
    case .shutdown:
      return self.isExact ? 1_000_000_000 : 1 + self.wait(upTo: 2_000_000_000, \.runtime, in: &self.chance)
    case .create, .start, .terminate, .remove, .discard:
      return self.isExact ? 0 : 1 + self.wait(upTo: 20_000_000, \.runtime, in: &self.chance)
    }
  }

  private func image(of task: TaskID, _ agent: Int) -> String {
    self.agents[agent].worker.task(task)?.task.spec.value.container?.image ?? ""
  }

  mutating func cancel(_ cancellation: WorkerTurn.Cancellation, _ agent: Int) {
    let operations = self.agents[agent].runtime.operations[cancellation.task] ?? []
    guard let position = operations.firstIndex(where: { ($0.verb == .wait) == cancellation.isWait }) else { return }
    self.agents[agent].runtime.operations[cancellation.task]?[position].isCancelled = true
    self.endLater(operations[position].number, of: cancellation.task, agent, after: self.isExact ? 0 : 1_000_000)
  }

  mutating func endOperation(_ number: Int, of task: TaskID, _ agent: Int, _ life: Int) {
    guard self.agents[agent].life == life, self.agents[agent].isUp,
      let operation = self.agents[agent].runtime.take(number, of: task)
    else { return }
    guard !operation.isCancelled else { return self.tell(agent, .ended(task, operation.verb, .cancelled)) }
    let image = self.image(of: task, agent)
    let wasRunning = self.agents[agent].runtime.containers[task]?.isRunning == true
    let time = self.wallTime
    guard let outcome = self.agents[agent].runtime.end(operation.verb, of: task, image: image, time: time) else { return }
    let isRunning = self.agents[agent].runtime.containers[task]?.isRunning == true
    if isRunning, !wasRunning { self.planExit(of: task, image, agent) }
    self.tell(agent, .ended(task, operation.verb, outcome))
    if wasRunning, !isRunning { self.endWait(of: task, agent) }
  }

  private mutating func planExit(of task: TaskID, _ image: String, _ agent: Int) {
    guard image == "fail" || image == "complete" else { return }
    let after = self.isExact ? 1_000_000_000 : self.wait(upTo: 4_000_000_000, \.runtime, in: &self.chance)
    self.events.add(.exit(agent: agent, task, code: image == "fail" ? 1 : 0), at: self.now + after)
  }

  // MARK: - Ends

  mutating func exit(_ task: TaskID, on agent: Int, code: Int32) {
    guard self.agents[agent].runtime.containers[task]?.isRunning == true else { return }
    self.agents[agent].runtime.exit(task, code: code)
    self.endWait(of: task, agent)
  }

  /// Who waits for a container hears that it ended.
  private mutating func endWait(of task: TaskID, _ agent: Int) {
    guard self.agents[agent].isUp, let operations = self.agents[agent].runtime.operations[task],
      let wait = operations.first(where: { $0.verb == .wait })
    else { return }
    self.endLater(wait.number, of: task, agent, after: 0)
  }

  // MARK: - Lives of agents

  /// The agent's process ends; what it started runs on, unless the machine stops.
  mutating func stopAgent(_ agent: Int, machineStops: Bool) {
    guard self.agents[agent].isUp else { return }
    let session = self.agents[agent].session
    let link = AgentLink(agent: agent, connection: self.agents[agent].connection)
    self.agents[agent].isUp = false
    self.agents[agent].connection += 1
    self.agents[agent].session = nil
    self.agents[agent].runtime.operations = [:]
    if let session {
      self.agents[agent].formerSessions.append(session)
      // A process that ends closes its connections; a machine that stops doesn't.
      if !machineStops, !self.agents[agent].isCut {
        self.events.add(.streamLost(manager: self.agents[agent].manager, session, link), at: self.now + self.knobs.delay)
      }
    }
    guard machineStops else { return }
    self.agents[agent].runtime.containers = [:]
    self.oracle.coverage.saw(.powerLost)
  }

  /// The node was removed: its machine is switched off for good.
  mutating func dismiss(_ agent: Int) {
    self.stopAgent(agent, machineStops: true)
    self.agents[agent].isUp = false
    self.agents[agent].isGone = true
    self.agents[agent].runtime.containers = [:]
  }

  mutating func startAgent(_ agent: Int) {
    guard !self.agents[agent].isUp, !self.agents[agent].isGone else { return }
    self.oracle.coverage.saw(.agentRestarted)
    self.agents[agent].isUp = true
    self.agents[agent].life += 1
    self.agents[agent].wakeAt = nil
    self.agents[agent].tasks = [:]
    self.agents[agent].needs = []
    self.agents[agent].unneeded = [:]
    let disk = self.agents[agent].disk
    let records = disk.keys.sorted().compactMap { id in disk[id].flatMap { try? TaskRecord.last(in: $0).record } }
    // What the runtime has and nobody knows is discarded.
    for id in self.agents[agent].runtime.containers.keys where disk[id] == nil { self.agents[agent].runtime.containers[id] = nil }
    if !self.agents[agent].runtime.running.isEmpty { self.oracle.coverage.saw(.taskAdopted) }
    self.agents[agent].worker = Worker(nodeID: self.agents[agent].node, records: records)
    self.agents[agent].worker.resume(time: self.wallTime)
    self.settleWorker(agent)
    self.reconnect(agent, after: 0)
  }
}
