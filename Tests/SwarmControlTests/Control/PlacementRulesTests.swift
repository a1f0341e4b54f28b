// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

@Suite("Placement rules")
struct PlacementRulesTests {
  // MARK: - Resources that the host names itself

  @Test("named things are given out one by one, and come back when their task ended")
  func namedResources() {
    var swarm = ControlHarness()
    let cards: [GenericResource] = ["a", "b", "c"].map { .named(kind: "gpu", value: $0) }
    let node = swarm.addNode(generic: cards)
    let service = swarm.create(replicas: 4) {
      $0.reserve(generic: [.discrete(kind: "gpu", value: 1)])
      $0.task.restart = RestartPolicy(condition: .none)
    }
    let running = swarm.running(service)
    #expect(swarm.spread(service, over: [node]) == [3])
    #expect(Set(running.flatMap(\.assignedGenericResources)) == Set(cards))
    #expect(
      swarm.tasks(service).filter { $0.nodeID == nil }.map(\.status.err) == [
        "no suitable node (insufficient resources on 1 node)"
      ]
    )
    let freed = running[0].assignedGenericResources
    swarm.end(running[0], .complete)
    let last = swarm.running(service).filter { task in !running.contains { $0.id == task.id } }
    #expect(last.map(\.assignedGenericResources) == [freed])
  }

  @Test("counted things are given out by number")
  func countedResources() {
    var swarm = ControlHarness()
    let nodes = [
      swarm.addNode(generic: [.discrete(kind: "disk", value: 5)]), swarm.addNode(generic: [.discrete(kind: "disk", value: 1)]),
    ]
    let service = swarm.create(replicas: 3) { $0.reserve(generic: [.discrete(kind: "disk", value: 2)]) }
    #expect(swarm.spread(service, over: nodes) == [2, 0])
    #expect(
      swarm.running(service).map(\.assignedGenericResources) == Array(repeating: [.discrete(kind: "disk", value: 2)], count: 2)
    )
  }

  @Test("a global service's task takes its share of the node as well")
  func globalResources() {
    var swarm = ControlHarness()
    let node = swarm.addNode(generic: [.named(kind: "gpu", value: "a")])
    let service = swarm.create {
      $0.mode = .global
      $0.reserve(generic: [.discrete(kind: "gpu", value: 1)])
    }
    #expect(swarm.running(service).map(\.assignedGenericResources) == [[.named(kind: "gpu", value: "a")]])
    let other = swarm.create("other") { $0.reserve(generic: [.discrete(kind: "gpu", value: 1)]) }
    #expect(swarm.spread(other, over: [node]) == [0])
  }

  // MARK: - Plugins

  @Test("a volume's driver has to be on the node, unless the node doesn't tell what it has")
  func volumePlugins() {
    var swarm = ControlHarness()
    let with = swarm.addNode(plugins: [PluginDescription(type: "Volume", name: "nfs:latest")])
    let without = swarm.addNode(plugins: [PluginDescription(type: "Volume", name: "local")])
    let service = swarm.create(replicas: 2) { $0.mount(driver: "nfs") }
    #expect(swarm.spread(service, over: [with, without]) == [2, 0])
    let missing = swarm.create("missing") { $0.mount(driver: "ceph") }
    #expect(swarm.tasks(missing).map(\.status.err) == ["no suitable node (missing plugin on 2 nodes)"])
    let silent = swarm.addNode()
    #expect(swarm.spread(missing, over: [silent]) == [1])
  }

  @Test("a log driver has to be on the node, unless it lists none at all")
  func logPlugins() {
    var swarm = ControlHarness()
    let nodes = [
      swarm.addNode(plugins: [PluginDescription(type: "Log", name: "json-file")]),
      swarm.addNode(plugins: [PluginDescription(type: "Log", name: "syslog")]), swarm.addNode(plugins: []),
    ]
    let service = swarm.create(replicas: 4) { $0.task.logDriver = Driver(name: "syslog") }
    #expect(swarm.spread(service, over: nodes) == [0, 2, 2])
    let quiet = swarm.create("quiet", replicas: 3) { $0.task.logDriver = Driver(name: "none") }
    #expect(swarm.spread(quiet, over: nodes) == [1, 1, 1])
  }

  @Test("a network's driver has to be on the node, unless every engine has it", arguments: [false, true])
  func networkPlugins(isServices: Bool) throws {
    var swarm = ControlHarness()
    let with = swarm.addNode(plugins: [PluginDescription(type: "Network", name: "weave:latest")])
    let without = swarm.addNode(plugins: [PluginDescription(type: "Volume", name: "weave")])
    func attach(_ driver: String, _ swarm: inout ControlHarness) throws -> (inout ServiceSpec) -> Void {
      let network = try swarm.addNetwork(driver, driver: driver)
      let attachments = [NetworkAttachmentConfig(target: network.description)]
      return { spec in if isServices { spec.networks = attachments } else { spec.task.networks = attachments } }
    }
    let service = swarm.create(replicas: 2, try attach("weave", &swarm))
    #expect(swarm.spread(service, over: [with, without]) == [2, 0])
    let plain = swarm.create("plain", replicas: 2, try attach("overlay", &swarm))
    #expect(swarm.spread(plain, over: [with, without]) == [1, 1])
    let missing = swarm.create("missing", try attach("calico", &swarm))
    #expect(swarm.tasks(missing).map(\.status.err) == ["no suitable node (missing plugin on 2 nodes)"])
    let task = try #require(swarm.tasks(missing).first)
    #expect(swarm.store.explainPlacement(of: task.id)?.failures == [.plugins: 2])
    swarm.changeLeader()
    #expect(swarm.running(missing).isEmpty)
    let silent = swarm.addNode()
    #expect(swarm.spread(missing, over: [silent]) == [1])
  }

  // MARK: - Neighbours

  @Test("a task goes where the service is that it wants beside it, as soon as that is somewhere")
  func affinity() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(3)
    let web = swarm.create("web", replicas: 2) { $0.constrain("service.name==DB") }
    #expect(
      swarm.tasks(web).map(\.status.err)
        == Array(repeating: "no suitable node (unwanted or missing neighbours on 3 nodes)", count: 2)
    )
    _ = swarm.create("db") { $0.constrain("node.hostname==node2") }
    #expect(swarm.spread(web, over: nodes) == [0, 2, 0])
  }

  @Test("a task stays away from a service that it doesn't want beside it, and that service from the task")
  func antiAffinity() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(3)
    let db = swarm.create("db", replicas: 1) { $0.constrain("node.hostname==node1") }
    let web = swarm.create("web", replicas: 2) { $0.constrain("service.name!=db") }
    #expect(swarm.spread(web, over: nodes) == [0, 1, 1])
    swarm.update(db) {
      $0.mode = .replicated(replicas: 3)
      $0.task.placement = nil
    }
    #expect(swarm.spread(db, over: nodes) == [3, 0, 0])
    swarm.request([.removeService(web)])
    swarm.settle()
    swarm.scale(db, to: 5)
    #expect(swarm.spread(db, over: nodes) == [3, 1, 1])
  }

  @Test("a service that doesn't want itself beside it has one task per node; one that wants itself starts anywhere")
  func selfAffinity() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(2)
    let alone = swarm.create("alone", replicas: 3) { $0.constrain("service.name!=alone") }
    #expect(swarm.spread(alone, over: nodes) == [1, 1])
    let together = swarm.create("together", replicas: 2) { $0.constrain("service.name==together") }
    #expect(swarm.running(together).count == 2)
  }

  @Test("a waiting task starts when the neighbour that kept it away leaves")
  func neighbourLeaves() {
    var swarm = ControlHarness()
    _ = swarm.addNode()
    let noisy = swarm.create("noisy")
    let quiet = swarm.create("quiet") { $0.constrain("service.name!=noisy") }
    #expect(swarm.running(quiet).isEmpty)
    swarm.scale(noisy, to: 0)
    #expect(swarm.running(quiet).count == 1)
  }

  // MARK: - Strategies

  @Test("binpack fills the fullest node that fits before it touches another")
  func binpack() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(3)
    _ = swarm.create("load") {
      $0.reserve(cpus: 1)
      $0.task.placement = Placement(constraints: ["node.hostname==node2"])
    }
    let service = swarm.create("packed", replicas: 5) {
      $0.reserve(cpus: 1)
      $0.task.placement = Placement(strategy: .binpack)
    }
    #expect(swarm.spread(service, over: nodes) == [2, 3, 0])
    swarm.scale(service, to: 8)
    #expect(swarm.spread(service, over: nodes) == [4, 3, 1])
  }

  @Test("binpack obeys preferences first")
  func binpackWithPreference() {
    var swarm = ControlHarness()
    let east = (0..<2).map { swarm.addNode("east\($0)", labels: ["zone": "east"]) }
    let west = (0..<2).map { swarm.addNode("west\($0)", labels: ["zone": "west"]) }
    let service = swarm.create(replicas: 4) {
      $0.reserve(cpus: 1)
      $0.task.placement = Placement(
        preferences: [PlacementPreference(spread: SpreadOver(spreadDescriptor: "node.labels.zone"))],
        strategy: .binpack
      )
    }
    #expect(swarm.spread(service, over: east).sorted() == [0, 2])
    #expect(swarm.spread(service, over: west).sorted() == [0, 2])
  }

  @Test("two preferences make a tree: racks within zones")
  func preferenceTree() {
    var swarm = ControlHarness()
    let zones = [("1", "a"), ("1", "a"), ("1", "a"), ("1", "b"), ("2", "a")]
    let nodes = zones.enumerated().map { number, place in
      swarm.addNode("n\(number)", labels: ["dc": place.0, "rack": place.1])
    }
    let service = swarm.create(replicas: 12) { spec in
      spec.task.placement = Placement(
        preferences: ["dc", "rack"].map { PlacementPreference(spread: SpreadOver(spreadDescriptor: "node.labels.\($0)")) }
      )
    }
    #expect(swarm.spread(service, over: nodes) == [1, 1, 1, 3, 6])
  }

  @Test("of failing nodes the one that failed least is taken")
  func leastFailing() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(2)
    let service = swarm.create(replicas: 1) { $0.task.restart = RestartPolicy(delay: .zero) }
    for _ in 0..<14 { if let task = swarm.running(service).first { swarm.end(task) } }
    let failures = nodes.map { node in swarm.log.flatMap(\.changes).reduce(0) { $0 + $1.failures(on: node) } }
    #expect(failures.allSatisfy { $0 >= 5 })
    let best = failures[0] <= failures[1] ? 0 : 1
    #expect(failures[0] == failures[1] || swarm.spread(service, over: nodes)[best] == 1)
  }
}

extension Change {
  fileprivate func failures(on node: NodeID) -> Int {
    guard case .taskStatuses(let statuses) = self else { return 0 }
    return statuses.count { $0.node == node && $0.status.state == .failed }
  }
}

extension ServiceSpec {
  mutating func reserve(generic: [GenericResource]) {
    self.task.resources = ResourceRequirements(reservations: Resources(generic: generic))
  }

  mutating func mount(driver: String) {
    guard case .container(var container) = self.task.runtime else { return }
    container.mounts = [
      Mount(type: .volume, target: "/data", volumeOptions: Mount.VolumeOptions(driverConfig: Driver(name: driver)))
    ]
    self.task.runtime = .container(container)
  }
}

extension ControlHarness {
  /// A node with things of its own, or plugins.
  mutating func addNode(generic: [GenericResource] = [], plugins: [PluginDescription]? = nil) -> NodeID {
    let id: NodeID = self.ids.make()
    self.request([.putNode(Node(id: id))])
    let description = NodeDescription(
      hostname: "node",
      platform: Platform(architecture: "x86_64", os: "linux"),
      resources: Resources(nanoCPUs: 4_000_000_000, memoryBytes: 8 << 30, generic: generic),
      engine: plugins.map { EngineDescription(plugins: $0) }
    )
    self.agents[id] = FakeAgent(node: id, description: description)
    self.settle()
    return id
  }
}
