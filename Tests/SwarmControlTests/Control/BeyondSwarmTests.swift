// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

@Suite("Beyond swarm: dependencies, verbs, schedules, rebalancing")
struct BeyondSwarmTests {
  // MARK: - Dependencies

  @Test("a service gets its first tasks when all tasks of the one that it depends on run", arguments: [false, true])
  func healthy(isGlobal: Bool) {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let web = swarm.create("web", replicas: 2) {
      $0.dependencies = [ServiceDependency(service: "db")]
      if isGlobal { $0.mode = .global }
    }
    #expect(swarm.tasks(web).isEmpty)
    let database = swarm.create("db", replicas: 3, image: "stuck")
    #expect(swarm.tasks(web).isEmpty)
    swarm.update(database) { $0.task.runtime = .container(ContainerSpec(image: "run")) }
    #expect(swarm.running(database).count == 3)
    #expect(swarm.running(web).count == 2)
    // What comes later changes nothing.
    swarm.request([.removeService(database)])
    swarm.settle()
    swarm.end(swarm.running(web)[0])
    swarm.advance(by: .seconds(10))
    #expect(swarm.running(web).count == 2)
  }

  @Test("a service is healthy when the last that didn't run isn't to run any more")
  func replaced() {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let database = swarm.create("db", image: "stuck") { $0.update = UpdateConfig(order: .startFirst) }
    let web = swarm.create("web") { $0.dependencies = [ServiceDependency(service: "db")] }
    #expect(swarm.tasks(web).isEmpty)
    swarm.update(database, setImage("run"))
    #expect(swarm.running(web).count == 1)
  }

  @Test("a service on every node isn't healthy while all that it has waits for room that its update makes")
  func makingRoom() {
    var swarm = ControlHarness()
    _ = swarm.addNode(cpus: 1)
    let whole = ResourceRequirements(reservations: Resources(nanoCPUs: 1_000_000_000))
    let database = swarm.create("db", image: "stubborn") {
      $0.mode = .global
      $0.task.resources = whole
    }
    swarm.update(database) { $0.task.forceUpdate += 1 }
    #expect(swarm.wanted(database).map(\.status.state) == [.pending])
    let web = swarm.create("web") { $0.dependencies = [ServiceDependency(service: "db")] }
    #expect(swarm.tasks(web).isEmpty)
  }

  @Test("a dependency on a started service is met by one task, one on a completed job by all of it")
  func conditions() {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let first = swarm.create("first") { $0.dependencies = [ServiceDependency(service: "base", condition: .started)] }
    let last = swarm.create("last") { $0.dependencies = [ServiceDependency(service: "migrate", condition: .completed)] }
    _ = swarm.create("base", replicas: 3) { $0.task.placement = Placement(maxReplicas: 1) }
    #expect(swarm.running(first).count == 1)
    let job = swarm.create("migrate") { $0.mode = .replicatedJob(maxConcurrent: 1, totalCompletions: 2) }
    swarm.end(swarm.running(job)[0], .complete)
    #expect(swarm.tasks(last).isEmpty)
    swarm.end(swarm.running(job)[0], .complete)
    #expect(swarm.running(last).count == 1)
  }

  @Test("a chain of dependencies starts in its order, also when the leader changes in between")
  func chain() {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let third = swarm.create("c") { $0.dependencies = [ServiceDependency(service: "b")] }
    let second = swarm.create("b") { $0.dependencies = [ServiceDependency(service: "A")] }
    swarm.changeLeader()
    #expect(swarm.tasks(third).isEmpty && swarm.tasks(second).isEmpty)
    _ = swarm.create("a")
    #expect(swarm.running(second).count == 1)
    #expect(swarm.running(third).count == 1)
    let moments = [second, third].map { swarm.tasks($0)[0].meta.createdAt }
    #expect(moments[0] < moments[1])
  }

  @Test("services can't depend on themselves or on each other in a circle")
  func circle() throws {
    var swarm = ControlHarness()
    func spec(_ name: String, on dependency: String) -> ServiceSpec {
      ServiceSpec(
        annotations: Annotations(name: name),
        task: TaskSpec(runtime: .container(ContainerSpec(image: "run"))),
        dependencies: [ServiceDependency(service: dependency)]
      )
    }
    #expect(throws: SwarmError.self) { try swarm.ask(.createService(spec("a", on: "a"))) }
    try swarm.ask(.createService(spec("a", on: "b")))
    try swarm.ask(.createService(spec("b", on: "c")))
    let error = #expect(throws: SwarmError.self) { try swarm.ask(.createService(spec("c", on: "a"))) }
    #expect(error?.message == "services can't depend on each other in a circle: c → a → b → c")
  }

  // MARK: - Verbs

  @Test("a stopped service has no tasks until it is started again, and keeps its replicas", arguments: [false, true])
  func stop(isGlobal: Bool) throws {
    var swarm = ControlHarness()
    _ = swarm.addNodes(3)
    let service = swarm.create("web", replicas: 3) {
      if isGlobal { $0.mode = .global }
      $0.task.restart = RestartPolicy(condition: .none)
    }
    try swarm.ask(.stopService(reference: "web", isStopped: true))
    swarm.advance(by: .seconds(5))
    #expect(swarm.tasks(service).isEmpty)
    swarm.update(service) { $0.task.forceUpdate += 1 }
    swarm.changeLeader()
    swarm.advance(by: .seconds(20))
    #expect(swarm.tasks(service).isEmpty)
    try swarm.ask(.stopService(reference: "web", isStopped: false))
    #expect(swarm.running(service).count == 3)
    #expect(swarm.store.service(service)?.previousSpec?.task.forceUpdate == 0)
  }

  @Test("a stopped job keeps its completions and goes on with the rest")
  func stopJob() throws {
    var swarm = ControlHarness()
    _ = swarm.addNode()
    let job = swarm.create("job") { $0.mode = .replicatedJob(maxConcurrent: 1, totalCompletions: 3) }
    swarm.end(swarm.running(job)[0], .complete)
    try swarm.ask(.stopService(reference: "job", isStopped: true))
    swarm.advance(by: .seconds(5))
    #expect(swarm.tasks(job).map(\.status.state) == [.complete])
    try swarm.ask(.stopService(reference: "job", isStopped: false))
    #expect(swarm.running(job).map(\.slot) == [2])
  }

  @Test("restarting replaces all tasks as an update does, and runs a job again")
  func restart() throws {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let service = swarm.create("web", replicas: 2)
    let before = Set(swarm.running(service).map(\.id))
    try swarm.ask(.restartService(reference: "web"))
    swarm.advance(by: .seconds(30))
    #expect(swarm.running(service).count == 2)
    #expect(before.isDisjoint(with: swarm.running(service).map(\.id)))
    #expect(swarm.store.service(service)?.updateStatus?.state == .completed)
    let job = swarm.create("job", image: "complete") { $0.mode = .globalJob }
    try swarm.ask(.restartService(reference: "job"))
    swarm.advance(by: .seconds(1))
    #expect(swarm.completed(job).count == 2)
    #expect(swarm.tasks(job).allSatisfy { $0.jobIteration == Version(index: 1) })
  }

  // MARK: - Schedules

  /// Creates a job that runs every five minutes; virtual time starts 13 min 20 s after a full hour.
  private func scheduled(
    _ swarm: inout ControlHarness,
    image: String = "complete",
    ifRunning: JobSchedule.Overlap = .wait
  ) -> ServiceID {
    swarm.create("job", image: image) {
      $0.mode = .replicatedJob(maxConcurrent: 2, totalCompletions: 2)
      $0.schedule = JobSchedule(cron: "*/5 * * * *", ifRunning: ifRunning)
    }
  }

  @Test("a job with a schedule runs at its moments and not before")
  func schedule() {
    var swarm = ControlHarness()
    _ = swarm.addNode()
    let job = self.scheduled(&swarm)
    swarm.advance(by: .seconds(99))
    #expect(swarm.tasks(job).isEmpty)
    swarm.advance(by: .seconds(2))
    #expect(swarm.completed(job).count == 2)
    #expect(swarm.store.service(job)?.jobStatus?.jobIteration == Version(index: 1))
    swarm.advance(by: .seconds(600))
    #expect(swarm.store.service(job)?.jobStatus?.jobIteration == Version(index: 3))
    #expect(swarm.tasks(job).count == 2)
  }

  @Test("a run that isn't over delays the next one, and moments that went by make one run")
  func overlap() {
    var swarm = ControlHarness()
    _ = swarm.addNode()
    let job = self.scheduled(&swarm, image: "run")
    swarm.advance(by: .seconds(1_200))
    #expect(swarm.store.service(job)?.jobStatus?.jobIteration == Version(index: 1))
    for task in swarm.running(job) { swarm.end(task, .complete) }
    swarm.advance(by: .seconds(1))
    #expect(swarm.store.service(job)?.jobStatus?.jobIteration == Version(index: 2))
    #expect(swarm.running(job).count == 2)
    swarm.update(job) { $0.schedule?.ifRunning = .replace }
    swarm.advance(by: .seconds(300))
    #expect(swarm.store.service(job)?.jobStatus?.jobIteration == Version(index: 3))
    #expect(swarm.running(job).count == 2)
  }

  @Test("a moment without a leader is made up for once, a changed specification waits, and a restart doesn't")
  func missedMoments() throws {
    var swarm = ControlHarness()
    _ = swarm.addNode()
    let job = self.scheduled(&swarm)
    swarm.wallOffset += .seconds(3_600)
    swarm.changeLeader()
    swarm.advance(by: .seconds(1))
    #expect(swarm.store.service(job)?.jobStatus?.jobIteration == Version(index: 1))
    swarm.update(job) { $0.annotations.labels = ["a": "b"] }
    swarm.advance(by: .seconds(1))
    #expect(swarm.store.service(job)?.jobStatus?.jobIteration == Version(index: 1))
    try swarm.ask(.restartService(reference: "job"))
    #expect(swarm.store.service(job)?.jobStatus?.jobIteration == Version(index: 2))
    try swarm.ask(.stopService(reference: "job", isStopped: true))
    swarm.advance(by: .seconds(1_000))
    #expect(swarm.store.service(job)?.jobStatus?.jobIteration == Version(index: 2))
  }

  // MARK: - Rebalancing

  private static func setBudget(_ budget: UInt32, _ swarm: inout ControlHarness) {
    guard var spec = swarm.store.cluster?.spec else { return }
    spec.orchestration.rebalanceBudget = budget
    swarm.request([.updateClusterSpec(expected: nil, spec)])
    swarm.settle()
  }

  @Test("without a budget nothing moves when a node comes")
  func noRebalancing() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(2)
    let service = swarm.create(replicas: 6)
    let third = swarm.addNode("third")
    swarm.advance(by: .seconds(600))
    #expect(swarm.spread(service, over: nodes + [third]) == [3, 3, 0])
  }

  @Test("with a budget tasks move to a new node, one of a service at a time, until all is even")
  func rebalancing() {
    var swarm = ControlHarness()
    Self.setBudget(2, &swarm)
    let nodes = swarm.addNodes(2)
    let services = (0..<3).map { swarm.create("s\($0)", replicas: 6) }
    let third = swarm.addNode("third")
    var fewest = 18
    for _ in 0..<400 {
      swarm.advance(by: .seconds(1))
      fewest = min(fewest, services.reduce(0) { $0 + swarm.running($1).count })
    }
    for service in services { #expect(swarm.spread(service, over: nodes + [third]) == [2, 2, 2]) }
    #expect(fewest >= 16)
    let entries = swarm.log.count
    swarm.advance(by: .seconds(300))
    #expect(swarm.log.count == entries)
  }

  @Test("no task is moved in the turn in which an update begins, but once that is over")
  func rebalancingBesideUpdate() {
    var swarm = ControlHarness()
    Self.setBudget(2, &swarm)
    let nodes = swarm.addNodes(2)
    let service = swarm.create(replicas: 6, image: "stubborn")
    let third = swarm.addNode("third")
    swarm.advance(by: .milliseconds(29_900))
    guard var spec = swarm.store.service(service)?.spec else { return }
    spec.task.runtime = .container(ContainerSpec(image: "run"))
    swarm.request([.updateService(service, expected: nil, spec, isRollback: false)])
    swarm.now += .milliseconds(200)
    swarm.settle()
    #expect(swarm.tasks(service).count { $0.desiredState == .shutdown } == 1)
    swarm.advance(by: .seconds(900))
    #expect(swarm.spread(service, over: nodes + [third]) == [2, 2, 2])
  }

  @Test("rebalancing respects constraints and room, and leaves services alone that aren't as they should be")
  func rebalancingLimits() {
    var swarm = ControlHarness()
    Self.setBudget(5, &swarm)
    let nodes = [swarm.addNode("a", labels: ["zone": "a"]), swarm.addNode("b", labels: ["zone": "a"])]
    let bound = swarm.create("bound", replicas: 4) { $0.constrain("node.labels.zone==a") }
    let heavy = swarm.create("heavy", replicas: 4) { $0.reserve(cpus: 2) }
    let broken = swarm.create("broken", replicas: 5) { $0.task.placement = Placement(maxReplicas: 2) }
    let third = swarm.addNode("third", cpus: 1)
    #expect(swarm.running(broken).count == 5)
    swarm.advance(by: .seconds(600))
    #expect(swarm.spread(bound, over: nodes + [third]) == [2, 2, 0])
    #expect(swarm.spread(heavy, over: nodes + [third]) == [2, 2, 0])
  }
}
