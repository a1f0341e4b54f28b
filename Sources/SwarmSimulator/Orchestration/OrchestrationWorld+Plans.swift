// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

extension OrchestrationWorld {
  /// What a plan says of a change is what then happens, step by step, when everything takes as long as the plan takes it to.
  mutating func checkPlans() {
    guard self.oracle.violation == nil else { return }
    self.isExact = true
    defer { self.isExact = false }
    self.enlargeEntries()
    var random = SeededStream(seed: self.plan.seed, purpose: 5)
    // What was on its way still took its time.
    self.run(seconds: 10)
    for _ in 0..<2 {
      guard let request = self.drawChange(&random) else { continue }
      self.checkPlan(of: request)
    }
  }

  /// Lets what is reported in one moment go into one entry: in several, it would be nobody's decision which of them comes first, and so what the nodes
  /// of the next tasks are.
  private mutating func enlargeEntries() {
    let size = ControlConfiguration().maximumEntrySize
    guard self.knobs.control.maximumEntrySize < size else { return }
    self.knobs.control.maximumEntrySize = size
    self.elect(self.leader, keeping: self.log.tail.count)
  }

  private func drawChange(_ random: inout SeededStream) -> ControlRequest? {
    let store = self.oracle.store
    let services = store.services().filter { !$0.spec.mode.isJob }
    if services.isEmpty || random.perMille(250) {
      var spec = ServiceSpec(name: "planned\(random.below(1_000_000))", image: "run", replicas: UInt64(random.within(1...7)))
      if random.perMille(300) { spec.mode = .global }
      if random.perMille(300) {
        spec.mode = .replicatedJob(maxConcurrent: UInt64(random.within(1...3)), totalCompletions: UInt64(random.within(1...5)))
        spec.task.runtime = .container(ContainerSpec(image: "complete"))
      }
      spec.drawDistribution(&random)
      if case .replicated = spec.mode, random.perMille(200) { spec.reserveThings(1) }
      return .createService(spec)
    }
    if random.perMille(250) {
      let node = random.one(of: store.nodes())
      var spec = node.spec
      spec.availability = .drain
      return .updateNode(reference: node.id.description, version: node.meta.version.index, spec: spec)
    }
    let service = random.one(of: services)
    var spec = service.spec
    if case .replicated = spec.mode, random.perMille(400) {
      spec.mode = .replicated(replicas: UInt64(random.within(0...9)))
    } else {
      spec.task.forceUpdate += 1
    }
    let version = service.meta.version.index
    return .updateService(reference: service.id.description, version: version, spec: spec, rollback: false)
  }

  private mutating func checkPlan(of request: ControlRequest) {
    guard let control = self.managers[self.leader].control else { return }
    let configuration = Rehearsal.Configuration(horizon: .seconds(120))
    let time = self.time(of: self.leader)
    let plan: ChangePlan
    do throws(SwarmError) {
      plan = try Rehearsal.plan([request], with: control, now: self.elapsed, time: time, configuration: configuration)
    } catch {
      return
    }
    let names = Dictionary(uniqueKeysWithValues: self.oracle.store.services().map { ($0.spec.annotations.name, 0) })
    self.recorder = (PlanRecorder(self.oracle.store), self.now)
    self.request(request)
    self.run(seconds: 120)
    let happened = self.recorder?.recorder.plan
    self.recorder = nil
    guard self.oracle.violation == nil, let happened else { return }
    let (planned, real) = (plan.inOrder, happened.inOrder)
    guard planned == real, plan.runsAsFew(as: happened) else {
      for (step, other) in zip(planned, real) {
        self.say("\(step == other ? "as planned" : "not as planned"): \(step) | \(other)")
      }
      let first = zip(planned, real).first { $0 != $1 }
      return self.oracle.fail(
        "no plan: of \(planned.count) planned and \(real.count) real steps among \(names.count) services, the first that differs is "
          + (first.map { "\($0.0) instead of \($0.1)" } ?? "missing") + "; fewest \(plan.fewestRunning) \(happened.fewestRunning)"
      )
    }
    self.oracle.coverage.saw(.planCameTrue)
  }
}

extension ChangePlan {
  /// Whether as few tasks run at the worst as another one of the same steps says, give or take what stops and what starts in one moment: which of them is
  /// reported first is nobody's decision either.
  fileprivate func runsAsFew(as other: ChangePlan) -> Bool {
    guard self.fewestRunning.keys.sorted() == other.fewestRunning.keys.sorted() else { return false }
    var moments: [String: [Int64: (runs: Int, stops: Int)]] = [:]
    for step in self.steps where step.event == .runs || step.event == .stops {
      let (runs, stops) = moments[step.service]?[step.tenths] ?? (0, 0)
      moments[step.service, default: [:]][step.tenths] = step.event == .runs ? (runs + 1, stops) : (runs, stops + 1)
    }
    return self.fewestRunning.allSatisfy { service, count in
      let overlap = moments[service]?.values.map { min($0.runs, $0.stops) }.max() ?? 0
      return abs(count - (other.fewestRunning[service] ?? 0)) <= overlap
    }
  }

  /// What happens in each moment: of slots that change places in one moment it is nobody's decision which reports first, and so which of them gets which of
  /// the nodes.
  fileprivate var inOrder: [String] {
    struct Moment: Hashable {
      let tenths: Int64
      let service: String
      let event: Event
    }
    var moments: [Moment: (slots: [UInt64], nodes: [String])] = [:]
    for step in self.steps {
      let moment = Moment(tenths: step.tenths, service: step.service, event: step.event)
      moments[moment, default: ([], [])].slots.append(step.slot)
      moments[moment, default: ([], [])].nodes.append(step.node?.description ?? "-")
    }
    return moments.map { moment, places in
      let digits = String(moment.tenths)
      let time = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
      return "\(time) \(moment.service) \(moment.event): slots \(places.slots.sorted()), nodes \(places.nodes.sorted())"
    }
    .sorted()
  }
}

extension ChangePlan.Step {
  /// The moment of the step, in tenths of a second.
  fileprivate var tenths: Int64 { Int64((self.after / .milliseconds(100)).rounded()) }
}
