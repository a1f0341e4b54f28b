// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

@Suite("Global services on nodes without room")
struct GlobalWaitingTests {
  /// What a node lacks.
  enum Lack: String, CaseIterable, Sendable {
    case processors = "insufficient resources on 1 node"
    case platform = "unsupported platform on 1 node"
    case plugin = "missing plugin on 1 node"
    case port = "host-mode port already in use on 1 node"
  }

  private static let linux = Platform(architecture: "x86_64", os: "linux")

  private func create(_ swarm: inout ControlHarness, _ configure: (inout ServiceSpec) -> Void = { _ in }) -> ServiceID {
    swarm.create("everywhere") { spec in
      spec.mode = .global
      spec.reserve(cpus: 2)
      configure(&spec)
    }
  }

  private func waiting(_ service: ServiceID, _ swarm: ControlHarness) -> [SwarmTask] {
    swarm.wanted(service).filter { $0.status.state == .pending }
  }

  /// The node's agent comes back with another description.
  private func change(_ node: NodeID, _ swarm: inout ControlHarness, _ change: (inout NodeDescription) -> Void) {
    guard var description = swarm.agents[node]?.description else { return }
    change(&description)
    swarm.agents[node]?.description = description
    swarm.revive(node)
  }

  private func setProcessors(_ count: Int64, of node: NodeID, _ swarm: inout ControlHarness) {
    self.change(node, &swarm) { $0.resources?.nanoCPUs = count * 1_000_000_000 }
  }

  @Test("35, 45: a task that doesn't fit its node waits there and says why, and starts when it fits", arguments: Lack.allCases)
  func waits(lack: Lack) throws {
    var swarm = ControlHarness()
    let node = swarm.addNode("good")
    let bad = swarm.addNode("bad", cpus: lack == .processors ? 1 : 4)
    if lack == .platform { self.change(bad, &swarm) { $0.platform?.architecture = "arm64" } }
    if lack == .plugin { self.change(bad, &swarm) { $0.engine = EngineDescription(plugins: []) } }
    let ports = EndpointSpec(ports: [PortConfig(targetPort: 80, publishedPort: 80, publishMode: .host)])
    let other = swarm.create("other") { spec in
      spec.constrain("node.id==\(bad)")
      if lack == .port { spec.endpoint = ports }
    }
    let service = self.create(&swarm) { spec in
      spec.task.placement = Placement(platforms: [Self.linux])
      spec.mount(driver: "nfs")
      spec.endpoint = ports
    }
    #expect(swarm.spread(service, over: [node, bad]) == [1, 0])
    let task = try #require(self.waiting(service, swarm).first)
    #expect(task.nodeID == bad)
    #expect(task.slot == 0)
    #expect(task.status.err == "no suitable node (\(lack.rawValue))")
    #expect(swarm.wanted(service).count == 2, "a service of which one of two tasks runs")
    #expect(swarm.agents[bad]?.held[task.id] == nil, "no agent hears of a task before it is assigned")
    swarm.report([TaskStatusUpdate(task: task.id, status: TaskStatus(state: .running))], bad)
    swarm.settle()
    #expect(swarm.store.task(task.id)?.status.state == .pending, "nobody can say anything of it yet")

    switch lack {
    case .processors: self.setProcessors(4, of: bad, &swarm)
    case .platform: self.change(bad, &swarm) { $0.platform = Self.linux }
    case .plugin: self.change(bad, &swarm) { $0.engine?.plugins = [PluginDescription(type: "Volume", name: "nfs")] }
    case .port: swarm.request([.removeService(other)])
    }
    swarm.settle()
    #expect(swarm.spread(service, over: [node, bad]) == [1, 1])
    #expect(swarm.running(service).contains { $0.id == task.id && $0.status.err.isEmpty })
  }

  @Test("the reason follows what the node lacks, and a node that is away for a moment is no reason")
  func reasons() throws {
    var swarm = ControlHarness()
    let node = swarm.addNode(cpus: 1)
    let service = self.create(&swarm) { $0.task.placement = Placement(platforms: [Self.linux]) }
    let task = try #require(self.waiting(service, swarm).first)
    let version = task.meta.version
    swarm.changeLeader()
    swarm.advance(by: .seconds(20))
    swarm.kill(node)
    swarm.advance(by: .seconds(1))
    swarm.revive(node)
    swarm.advance(by: .seconds(10))
    #expect(swarm.store.task(task.id)?.meta.version == version)
    self.change(node, &swarm) { $0.platform?.os = "windows" }
    self.setProcessors(4, of: node, &swarm)
    #expect(swarm.store.task(task.id)?.status.err == "no suitable node (unsupported platform on 1 node)")
    self.change(node, &swarm) { $0.platform = Self.linux }
    #expect(swarm.running(service).map(\.id) == [task.id])
  }

  @Test("a waiting task goes with its node, and comes again with it", arguments: ["removed", "drained", "down", "relabelled"])
  func goes(how: String) {
    var swarm = ControlHarness()
    let node = swarm.addNode(cpus: 1, labels: ["a": "b"])
    let service = self.create(&swarm) { $0.task.placement = Placement(constraints: ["node.labels.a==b"]) }
    #expect(self.waiting(service, swarm).count == 1)
    switch how {
    case "removed": swarm.request([.removeNode(node, force: true)])
    case "drained": swarm.updateNode(node) { $0.availability = .drain }
    case "down": swarm.kill(node)
    default: swarm.updateNode(node) { $0.annotations.labels = [:] }
    }
    swarm.advance(by: .seconds(10))
    #expect(swarm.tasks(service).isEmpty)
    guard how != "removed" else { return }
    swarm.revive(node)
    swarm.updateNode(node) { spec in
      spec.availability = .active
      spec.annotations.labels = ["a": "b"]
    }
    #expect(self.waiting(service, swarm).map(\.nodeID) == [node])
    self.setProcessors(2, of: node, &swarm)
    #expect(swarm.spread(service, over: [node]) == [1])
  }

  @Test("a waiting task outlives a leader, and proposals that are lost", arguments: [false, true])
  func leaders(isLost: Bool) throws {
    var swarm = ControlHarness()
    let node = swarm.addNode(cpus: 1)
    if isLost {
      swarm.losesNext = { entry in
        entry.changes.contains { if case .createTasks = $0 { true } else { false } }
      }
    }
    let service = self.create(&swarm)
    swarm.advance(by: .seconds(1))
    let task = try #require(self.waiting(service, swarm).first)
    swarm.changeLeader()
    #expect(self.waiting(service, swarm).map(\.id) == [task.id])
    if isLost {
      swarm.losesNext = { entry in
        entry.changes.contains { if case .assignTasks = $0 { true } else { false } }
      }
    }
    self.setProcessors(2, of: node, &swarm)
    swarm.advance(by: .seconds(1))
    #expect(swarm.running(service).map(\.id) == [task.id])
  }

  @Test("of tasks that wait on one node each gets what it needs in turn")
  func several() {
    var swarm = ControlHarness()
    let node = swarm.addNode(cpus: 1)
    let services = (0..<3).map { number in
      swarm.create("service\(number)") { spec in
        spec.mode = .global
        spec.reserve(cpus: 2)
      }
    }
    self.setProcessors(4, of: node, &swarm)
    #expect(services.map { swarm.running($0).count }.reduce(0, +) == 2)
    #expect(services.map { self.waiting($0, swarm).count }.reduce(0, +) == 1)
    self.setProcessors(6, of: node, &swarm)
    #expect(services.map { swarm.running($0).count } == [1, 1, 1])
  }

  @Test("a removed, or stopped, service leaves no waiting tasks")
  func removed() {
    var swarm = ControlHarness()
    _ = swarm.addNode(cpus: 1)
    let service = self.create(&swarm)
    swarm.request([.stopService(service, isStopped: true)])
    swarm.settle()
    #expect(swarm.tasks(service).isEmpty)
    swarm.request([.stopService(service, isStopped: false)])
    swarm.settle()
    #expect(self.waiting(service, swarm).count == 1)
    swarm.request([.removeService(service)])
    swarm.settle()
    #expect(swarm.tasks(service).isEmpty)
  }

  // MARK: - Updates

  @Test(
    "bug 40: an update changes the waiting task too, and waits for it nowhere",
    arguments: 0..<3,
    [Duration.zero, .seconds(2)]
  )
  func update(small: Int, delay: Duration) {
    var swarm = ControlHarness()
    let nodes = (0..<3).map { swarm.addNode(cpus: $0 == small ? 1 : 4) }
    let service = self.create(&swarm) { $0.update = UpdateConfig(parallelism: 1, delay: delay) }
    swarm.update(service, setImage("new"))
    swarm.advance(by: .seconds(60))
    #expect(swarm.store.service(service)?.updateStatus?.state == .completed)
    #expect(swarm.images(service) == ["new", "new"])
    #expect(self.waiting(service, swarm).map { $0.spec.value.container?.image } == ["new"])
    #expect(swarm.tasks(service).count { $0.status.state == .pending } == 1)
    self.setProcessors(2, of: nodes[small], &swarm)
    #expect(swarm.spread(service, over: nodes) == [1, 1, 1])
    #expect(swarm.images(service) == ["new", "new", "new"])
  }

  @Test("what an update asks for more than a node has makes its task wait there, and the update goes on", arguments: 0..<3)
  func outgrows(small: Int) {
    var swarm = ControlHarness()
    let nodes = (0..<3).map { swarm.addNode(cpus: $0 == small ? 2 : 4) }
    let service = self.create(&swarm) { $0.update = UpdateConfig(parallelism: 1) }
    #expect(swarm.spread(service, over: nodes) == [1, 1, 1])
    swarm.update(service) { $0.reserve(cpus: 3) }
    swarm.advance(by: .seconds(60))
    #expect(swarm.store.service(service)?.updateStatus?.state == .completed)
    #expect(swarm.running(service).count == 2)
    #expect(self.waiting(service, swarm).map(\.nodeID) == [nodes[small]])
    // And back again.
    swarm.update(service) { $0.reserve(cpus: 2) }
    swarm.advance(by: .seconds(60))
    #expect(swarm.spread(service, over: nodes) == [1, 1, 1])
  }

  @Test("31: a waiting task makes way at once for one that fits by another placement")
  func otherPlacement() {
    var swarm = ControlHarness()
    let node = swarm.addNode()
    let service = self.create(&swarm) { $0.task.placement = Placement(platforms: [Platform(architecture: "arm64", os: "linux")]) }
    #expect(self.waiting(service, swarm).count == 1)
    swarm.update(service) { $0.task.placement = nil }
    #expect(swarm.spread(service, over: [node]) == [1])
    #expect(self.waiting(service, swarm).isEmpty)
    let held = swarm.log.flatMap(\.changes).count { if case .createTasks(_, _, desired: .ready, _) = $0 { true } else { false } }
    #expect(held == 0, "there is nothing that would have to stop first")
  }

  @Test("start-first, a task without room waits beside the old one, which runs on, and keeps nobody else", arguments: 0..<3)
  func startFirst(small: Int) {
    var swarm = ControlHarness()
    let nodes = (0..<3).map { swarm.addNode(cpus: $0 == small ? 3 : 4) }
    let service = self.create(&swarm) { $0.update = UpdateConfig(parallelism: 1, order: .startFirst) }
    swarm.update(service, setImage("new"))
    swarm.advance(by: .seconds(60))
    #expect(swarm.images(service) == ["new", "new", "run"])
    #expect(swarm.spread(service, over: nodes) == [1, 1, 1])
    #expect(swarm.store.service(service)?.updateStatus?.state == .updating)
    #expect(self.waiting(service, swarm).map(\.nodeID) == [nodes[small]])
    #expect(self.waiting(service, swarm).map(\.status.err) == ["no suitable node (insufficient resources on 1 node)"])
    self.setProcessors(4, of: nodes[small], &swarm)
    swarm.advance(by: .seconds(10))
    #expect(swarm.images(service) == ["new", "new", "new"])
    #expect(swarm.store.service(service)?.updateStatus?.state == .completed)
  }

  @Test("bug 40: a new leader doesn't wait for the waiting task of an update either", arguments: 0..<3)
  func updateAndLeader(small: Int) {
    var swarm = ControlHarness()
    _ = (0..<3).map { swarm.addNode(cpus: $0 == small ? 1 : 4) }
    let service = self.create(&swarm) { $0.update = UpdateConfig(parallelism: 1, delay: .seconds(2)) }
    swarm.update(service, setImage("new"))
    swarm.advance(by: .seconds(1))
    #expect(swarm.images(service) == ["new", "run"])
    swarm.changeLeader()
    swarm.advance(by: .seconds(60))
    #expect(swarm.images(service) == ["new", "new"])
    #expect(swarm.store.service(service)?.updateStatus?.state == .completed)
  }

  @Test("a task that gets its room while the update goes on counts as one of those at a time")
  func counts() {
    var swarm = ControlHarness()
    let task = SwarmTask(
      id: swarm.ids.make(),
      nodeID: swarm.ids.make(),
      status: TaskStatus(state: .pending),
      desiredState: .running
    )
    var progress = UpdateProgress(specVersion: .zero, total: 2)
    progress.busy[SlotKey(task)] = 1
    progress.taskChanged(task, monitor: .zero, now: .zero)
    progress.busy = [:]
    var assigned = task
    assigned.status.state = .assigned
    progress.taskChanged(assigned, monitor: .zero, now: .zero)
    #expect(progress.busy.keys.sorted() == [SlotKey(task)])
  }

  // MARK: - Others

  @Test("who depends on a global service doesn't wait for nodes without room")
  func dependents() {
    var swarm = ControlHarness()
    _ = [swarm.addNode(), swarm.addNode(cpus: 1)]
    let web = swarm.create("web") { $0.dependencies = [ServiceDependency(service: "everywhere")] }
    #expect(swarm.tasks(web).isEmpty)
    let service = self.create(&swarm)
    #expect(self.waiting(service, swarm).count == 1)
    #expect(swarm.running(web).count == 1)
  }

  @Test("a scheduled job on every node runs again although a node never had room for it")
  func schedule() {
    var swarm = ControlHarness()
    _ = [swarm.addNode(), swarm.addNode(cpus: 1)]
    let job = swarm.create("job", image: "complete") { spec in
      spec.mode = .globalJob
      spec.reserve(cpus: 2)
      spec.schedule = JobSchedule(cron: "*/5 * * * *")
    }
    swarm.advance(by: .seconds(700))
    #expect(swarm.store.service(job)?.jobStatus?.jobIteration == Version(index: 3))
    #expect(swarm.completed(job).count == 1)
    #expect(self.waiting(job, swarm).count == 1)
  }
}
