// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

@Suite("Plans")
struct RehearsalTests {
  private static let instantly = Rehearsal.Configuration(startTime: .zero, stopTime: .zero, jobTime: .zero)

  /// The steps, with those of one kind and moment in the order of slots: which agent reports first is nobody's decision.
  private static func normalized(_ steps: [ChangePlan.Step]) -> [ChangePlan.Step] {
    var groups: [[ChangePlan.Step]] = []
    for step in steps {
      if let last = groups.last?.last, last.after == step.after, last.event == step.event {
        groups[groups.count - 1].append(step)
      } else {
        groups.append([step])
      }
    }
    return groups.flatMap { $0.sorted { $0.slot < $1.slot } }
  }

  /// Plans a request, carries it out, and compares.
  private func expectAsPlanned(
    _ request: ControlRequest,
    _ swarm: inout ControlHarness,
    within duration: Duration = .seconds(120)
  ) throws -> ChangePlan {
    let digest = swarm.store.digest()
    let plan = try Rehearsal.plan([request], with: swarm.control, now: swarm.now, time: swarm.time, configuration: Self.instantly)
    #expect(swarm.store.digest() == digest, "planning changes nothing")
    swarm.recorder = PlanRecorder(swarm.store)
    swarm.recordedSince = swarm.now
    try swarm.ask(request)
    swarm.advance(by: duration)
    #expect(plan.isSettled)
    let happened = swarm.recorder?.plan
    #expect(Self.normalized(plan.steps) == Self.normalized(happened?.steps ?? []))
    #expect(plan.fewestRunning == happened?.fewestRunning)
    swarm.recorder = nil
    return plan
  }

  private func spec(_ replicas: UInt64, _ configure: (inout ServiceSpec) -> Void = { _ in }) -> ServiceSpec {
    var spec = ServiceSpec(
      annotations: Annotations(name: "web"),
      task: TaskSpec(runtime: .container(ContainerSpec(image: "run"))),
      mode: .replicated(replicas: replicas)
    )
    configure(&spec)
    return spec
  }

  @Test("what a plan says of a new service is what then happens")
  func create() throws {
    var swarm = ControlHarness()
    _ = swarm.addNodes(3)
    _ = swarm.create("other", replicas: 2)
    let plan = try self.expectAsPlanned(.createService(self.spec(4)), &swarm)
    #expect(plan.steps.count { $0.event == .assigned } == 4)
    #expect(plan.steps.count { $0.event == .runs } == 4)
    #expect(plan.fewestRunning.isEmpty)
  }

  @Test("a plan names the order and the disruptions of an update", arguments: [UpdateConfig.Order.stopFirst, .startFirst])
  func update(order: UpdateConfig.Order) throws {
    var swarm = ControlHarness()
    _ = swarm.addNodes(3)
    let spec = self.spec(5) { $0.update = UpdateConfig(parallelism: 2, delay: .seconds(3), order: order) }
    try swarm.ask(.createService(spec))
    swarm.advance(by: .seconds(60))
    var changed = spec
    changed.task.forceUpdate = 1
    guard let version = swarm.store.service(named: "web")?.meta.version.index else { return }
    let request = ControlRequest.updateService(reference: "web", version: version, spec: changed, rollback: false)
    let plan = try self.expectAsPlanned(request, &swarm)
    #expect(plan.fewestRunning == ["web": order == .stopFirst ? 3 : 5])
    #expect(plan.steps.last?.event == .update(.completed))
    #expect(plan.steps.count { $0.event == .stops } == 5)
  }

  @Test(
    "a plan by a manager that doesn't lead names the same numbers and moments",
    arguments: [UpdateConfig.Order.stopFirst, .startFirst]
  )
  func fresh(order: UpdateConfig.Order) throws {
    var swarm = ControlHarness()
    _ = swarm.addNodes(3)
    let spec = self.spec(5) { $0.update = UpdateConfig(parallelism: 2, delay: .seconds(3), order: order) }
    try swarm.ask(.createService(spec))
    swarm.advance(by: .seconds(60))
    var changed = spec
    changed.task.forceUpdate = 1
    guard let version = swarm.store.service(named: "web")?.meta.version.index else { return }
    let request = ControlRequest.updateService(reference: "web", version: version, spec: changed, rollback: false)
    let fresh = Control(term: 0, store: swarm.store, seed: 99, now: .zero, time: swarm.time)
    let other = try Rehearsal.plan([request], with: fresh, now: .zero, time: swarm.time, configuration: Self.instantly)
    let plan = try Rehearsal.plan([request], with: swarm.control, now: swarm.now, time: swarm.time, configuration: Self.instantly)
    #expect(
      Self.normalized(other.steps).map(\.after) == Self.normalized(plan.steps).map(\.after),
      "\(other.steps.map { ($0.after, $0.slot, $0.event) })"
    )
    #expect(other.fewestRunning == plan.fewestRunning)
  }

  @Test("in a plan reports go the way to the log that they go otherwise, in as many entries")
  func smallEntries() throws {
    var swarm = ControlHarness(configuration: ControlConfiguration(maximumEntrySize: 512))
    _ = swarm.addNodes(3)
    let spec = self.spec(3) { $0.update = UpdateConfig(parallelism: 0, order: .startFirst) }
    try swarm.ask(.createService(spec))
    swarm.advance(by: .seconds(60))
    var changed = spec
    changed.task.forceUpdate = 1
    guard let version = swarm.store.service(named: "web")?.meta.version.index else { return }
    let request = ControlRequest.updateService(reference: "web", version: version, spec: changed, rollback: false)
    let plan = try Rehearsal.plan([request], with: swarm.control, now: swarm.now, time: swarm.time, configuration: Self.instantly)
    swarm.recorder = PlanRecorder(swarm.store)
    swarm.recordedSince = swarm.now
    try swarm.ask(request)
    swarm.advance(by: .seconds(60))
    let events = swarm.recorder?.plan.steps.map(\.event) ?? []
    #expect(events.contains(.runs) && plan.steps.map(\.event) == events)
    let firstStop = events.firstIndex(of: .stops) ?? events.endIndex
    #expect(events[firstStop...].contains(.runs), "the reports take several entries")
  }

  @Test("a plan tells why tasks would wait")
  func waiting() throws {
    var swarm = ControlHarness()
    _ = swarm.addNode(cpus: 1)
    let plan = try self.expectAsPlanned(.createService(self.spec(2) { $0.reserve(cpus: 1) }), &swarm)
    #expect(plan.steps.contains { $0.event == .waits("no suitable node (insufficient resources on 1 node)") })
  }

  @Test("a plan tells where a global service would wait for room, and when it gets it")
  func globalWaiting() throws {
    var swarm = ControlHarness()
    let small = swarm.addNode(cpus: 1)
    _ = swarm.addNode()
    let plan = try self.expectAsPlanned(
      .createService(
        self.spec(1) { spec in
          spec.mode = .global
          spec.reserve(cpus: 2)
        }
      ),
      &swarm
    )
    let waits = plan.steps.filter { $0.event == .waits("no suitable node (insufficient resources on 1 node)") }
    #expect(waits.map(\.node) == [small])
    #expect(plan.steps.count { $0.event == .assigned } == 1)
    guard let version = swarm.store.service(named: "web")?.meta.version.index, var spec = swarm.store.service(named: "web")?.spec
    else { return }
    spec.reserve(cpus: 1)
    let request = ControlRequest.updateService(reference: "web", version: version, spec: spec, rollback: false)
    let update = try self.expectAsPlanned(request, &swarm)
    #expect(update.steps.count { $0.event == .assigned && $0.node == small } == 1)
    #expect(update.steps.last?.event == .update(.completed))
  }

  @Test("draining a node is planned with where its tasks go")
  func drain() throws {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(3)
    try swarm.ask(.createService(self.spec(6)))
    guard let node = swarm.store.node(nodes[0]) else { return }
    var spec = node.spec
    spec.availability = .drain
    let request = ControlRequest.updateNode(reference: "\(nodes[0])", version: node.meta.version.index, spec: spec)
    let plan = try self.expectAsPlanned(request, &swarm)
    #expect(plan.steps.filter { $0.event == .stops }.allSatisfy { $0.node == nodes[0] })
    #expect(Set(plan.steps.filter { $0.event == .runs }.map(\.node)) == [nodes[1], nodes[2]])
  }

  @Test("jobs are planned to their end, and what can't be done is refused as it would be")
  func jobsAndRefusals() throws {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let plan = try Rehearsal.plan(
      [.createService(self.spec(1) { $0.mode = .replicatedJob(maxConcurrent: 2, totalCompletions: 5) })],
      with: swarm.control,
      now: swarm.now,
      time: swarm.time
    )
    #expect(plan.steps.count { $0.event == .completes } == 5)
    #expect(plan.steps.last?.after == .seconds(6))
    let error = #expect(throws: SwarmError.self) {
      try Rehearsal.plan([.removeService(reference: "nope")], with: swarm.control, now: swarm.now, time: swarm.time)
    }
    #expect(error == SwarmError(code: .notFound, message: "service nope not found"))
  }

  @Test("what never comes to rest ends at the horizon")
  func horizon() throws {
    var swarm = ControlHarness()
    _ = swarm.addNode()
    let plan = try Rehearsal.plan(
      [
        .createService(
          self.spec(1) { spec in
            spec.mode = .replicatedJob(maxConcurrent: 1, totalCompletions: 1)
            spec.schedule = JobSchedule(cron: "* * * * *")
          }
        )
      ],
      with: swarm.control,
      now: swarm.now,
      time: swarm.time
    )
    #expect((50...60).contains(plan.steps.count { $0.event == .completes }))
  }
}
