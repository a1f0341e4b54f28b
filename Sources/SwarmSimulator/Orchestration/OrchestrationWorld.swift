// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

/// A swarm in virtual time: three managers with the real control loop and store, agents with the real worker, and users.
///
/// The log between them is modelled by what Raft promises: one order for all; of what a leader proposed, a new leader finds some leading part and the
/// rest is lost for ever; a leader that was deposed doesn't know it for a while.
struct OrchestrationWorld {
  enum Event {
    case step(Int)
    case turn(manager: Int)
    case commit(term: UInt64)
    case apply(manager: Int)
    case lead(term: UInt64)
    case deposed(manager: Int, term: UInt64)
    case restart(manager: Int)
    case arrive(Message, AgentLink, manager: Int)
    case answer(Answer, AgentLink)
    case connect(AgentLink)
    case heartbeat(AgentLink)
    case brokenLink(AgentLink)
    case streamLost(manager: Int, SessionID, AgentLink)
    case operation(agent: Int, life: Int, TaskID, number: Int)
    case exit(agent: Int, TaskID, code: Int32)
    case wake(agent: Int, life: Int)
    case power(agent: Int)
  }

  /// What an agent says to a manager.
  enum Message {
    case register(SessionRequest)
    case openAssignments(SessionID)
    case heartbeat(SessionID)
    case statuses(SessionID, number: UInt64, [TaskStatusUpdate])
  }

  /// What a manager says to an agent.
  enum Answer {
    case output(SessionOutput)
    case refused
    case nextHeartbeat(Duration)
    case reported(UInt64)
    /// The call failed: the agent gives the session up.
    case failed
  }

  /// The streams of chance of a run.
  struct Chance {
    var network: SeededStream
    var log: SeededStream
    var runtime: SeededStream

    init(seed: UInt64) {
      self.network = SeededStream(seed: seed, purpose: 2)
      self.log = SeededStream(seed: seed, purpose: 3)
      self.runtime = SeededStream(seed: seed, purpose: 4)
    }
  }

  let plan: OrchestrationPlan
  var knobs: OrchestrationPlan.Knobs
  let trace: ((String) -> Void)?
  var chance: Chance
  var ids: IdentifierGenerator
  var now: Nanoseconds = 0
  var events = EventQueue<Event>()
  var eventCount = 0
  var hash = TraceHash()
  var oracle = OrchestrationOracle()
  var managers: [SimulatedManager] = []
  var agents: [SimulatedAgent] = []
  var agentByNode: [NodeID: Int] = [:]
  var log = SimulatedSwarmLog()
  /// The manager that leads, or is going to when its term has begun.
  var leader = 0
  var users = SimulatedUsers()
  /// Whether everything takes exactly as long as a plan takes it to.
  var isExact = false
  /// Whether containers that don't end when asked to are killed.
  var killsStubborn = false
  /// What happens, in the words of plans.
  var recorder: (recorder: PlanRecorder, since: Nanoseconds)?

  init(_ plan: OrchestrationPlan, trace: ((String) -> Void)? = nil) {
    self.plan = plan
    self.knobs = plan.knobs
    self.trace = trace
    self.chance = Chance(seed: plan.seed)
    self.ids = IdentifierGenerator(seed: mixed(plan.seed))
    self.oracle.orphanTimeout = plan.knobs.control.orphanTimeout
    self.oracle.stopTimeout = Nanoseconds(plan.knobs.control.stopTimeout / .nanoseconds(1))
    self.oracle.movesTasks = plan.knobs.rebalanceBudget > 0
    self.found()
    for (index, step) in plan.steps.enumerated() { self.events.add(.step(index), at: step.time) }
  }

  /// The wall time by a manager's clock.
  func time(of manager: Int) -> Timestamp { self.wallTime + self.managers[manager].wallOffset }

  /// The wall time by everybody else's clock.
  var wallTime: Timestamp { Timestamp.zero + .seconds(1_700_000_000) + self.elapsed }

  var elapsed: Duration { .nanoseconds(self.now) }

  func say(_ line: @autoclosure () -> String) {
    guard let trace = self.trace else { return }
    trace("\(Double(self.now / 1_000) / 1_000_000) s: \(line())")
  }

  func wait(upTo limit: Nanoseconds, _ stream: WritableKeyPath<Chance, SeededStream>, in chance: inout Chance) -> Nanoseconds {
    guard !self.isExact, limit > 0 else { return 0 }
    return Nanoseconds(chance[keyPath: stream].below(Int(limit)))
  }

  // MARK: - Running

  /// Runs the plan and what follows it.
  mutating func run() {
    self.run(until: self.knobs.trouble)
    self.conclude()
  }

  /// Lets time pass, until something is wrong.
  mutating func run(until end: Nanoseconds) {
    while self.oracle.violation == nil, let next = self.events.nextTime, next <= end, let (time, event) = self.events.popFirst() {
      self.now = max(self.now, time)
      self.eventCount += 1
      self.carryOut(event)
    }
    self.now = max(self.now, end)
  }

  mutating func run(seconds: Int) { self.run(until: self.now + Nanoseconds(seconds) * 1_000_000_000) }

  private mutating func carryOut(_ event: Event) {
    switch event {
    case .step(let index):
      let step = self.plan.steps[index]
      self.say("\(step.action)")
      self.carryOut(step)
    case .turn(let manager): self.turn(manager)
    case .commit(let term): self.commit(term)
    case .apply(let manager): self.applyAsFollower(manager)
    case .lead(let term): self.beginTerm(term)
    case .deposed(let manager, let term): self.learnOfDeposition(manager, term)
    case .restart(let manager): self.restartManager(manager)
    case .arrive(let message, let link, let manager): self.hear(message, link, at: manager)
    case .answer(let answer, let link): self.takeAnswer(answer, link)
    case .connect(let link): self.connect(link)
    case .heartbeat(let link): self.sendHeartbeat(link)
    case .brokenLink(let link): self.noticeBrokenLink(link)
    case .streamLost(let manager, let session, let link): self.loseStream(session, link, at: manager)
    case .operation(let agent, let life, let task, let number): self.endOperation(number, of: task, agent, life)
    case .exit(let agent, let task, let code): self.exit(task, on: agent, code: code)
    case .wake(let agent, let life):
      guard self.agents[agent].life == life, self.agents[agent].wakeAt == self.now else { return }
      self.agents[agent].wakeAt = nil
      self.tell(agent, .wake)
    case .power(let agent): self.startAgent(agent)
    }
  }
}
