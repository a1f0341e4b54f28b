// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

@Suite("Waiting tasks")
struct WaitingTasksTests {
  private var ids = IdentifierGenerator(seed: 1)
  private var table = NodeTable()
  private var waiting = WaitingTasks()

  /// A task of a new service waits.
  private mutating func wait(
    _ name: String = "",
    resources: Resources = Resources(),
    placement: Placement = Placement(),
    ports: [PortConfig] = []
  ) -> TaskClassKey {
    let spec = TaskSpec(resources: ResourceRequirements(reservations: resources), placement: placement)
    let service = Service(
      id: self.ids.make(),
      spec: ServiceSpec(annotations: Annotations(name: name), task: spec, mode: .replicated(replicas: 1))
    )
    self.table.neighbours.serviceChanged(service.id, to: service)
    let key = TaskClassKey(service: service.id, specVersion: .zero)
    self.waiting.insert(SwarmTask(id: self.ids.make(), serviceID: service.id, slot: 1), key)
    self.waiting.fitsNowhere(TaskClass(key: key, spec: spec, ports: ports), reason: "")
    return key
  }

  private mutating func node(nanoCPUs: Int64) -> Int {
    let node = Node(
      id: self.ids.make(),
      description: NodeDescription(resources: Resources(nanoCPUs: nanoCPUs, memoryBytes: 1 << 30))
    )
    _ = self.table.update(node, isAvailable: true)
    return self.table.indexByID[node.id] ?? -1
  }

  private func woken(
    freed: Int? = nil,
    ports: Set<HostPort> = [],
    services: Set<ServiceID> = []
  ) -> Set<TaskClassKey> {
    var woken = NodeTable.Woken()
    if let freed { woken.freed[freed] = true }
    woken.ports = ports
    woken.services = services
    return self.waiting.candidates(woken, in: self.table)
  }

  @Test("of a specification that is over nothing is kept, but as long as tasks of it wait")
  func forgottenSpecifications() {
    var swarm = ControlHarness()
    let node = swarm.addNode()
    let service = swarm.create(replicas: 2) { $0.task.placement = Placement(constraints: ["node.hostname!=0"]) }
    func kept() -> Int { swarm.control.scheduler.classes[service]?.count ?? 0 }
    for number in 1...4 {
      swarm.update(service) { $0.task.placement = Placement(constraints: ["node.hostname!=\(number)"]) }
      swarm.advance(by: .seconds(20))
      #expect(kept() <= 2)
    }
    swarm.updateNode(node) { $0.availability = .pause }
    swarm.scale(service, to: 3)
    #expect(swarm.wanted(service).count { $0.status.state == .pending } == 1)
    swarm.request([.removeService(service)])
    swarm.advance(by: .seconds(60))
    #expect(swarm.tasks(service).isEmpty)
    #expect(swarm.control.scheduler.classes.isEmpty)
  }

  @Test("room on a node concerns those who need no more of it, and nobody who waits for something else")
  mutating func resources() {
    let small = self.wait(resources: Resources(nanoCPUs: 1_000))
    _ = self.wait(resources: Resources(nanoCPUs: 1_000_000))
    let memory = self.wait(resources: Resources(memoryBytes: 1))
    _ = self.wait(placement: Placement(constraints: ["node.labels.nowhere==x"]))
    let node = self.node(nanoCPUs: 2_000)
    #expect(self.woken(freed: node) == [small, memory])
  }

  @Test("a port concerns those who want it")
  mutating func ports() {
    let port = PortConfig(targetPort: 1, publishedPort: 80, publishMode: .host)
    let key = self.wait(ports: [port])
    let freed = HostPort(transport: .tcp, number: 80)
    #expect(self.woken(ports: [freed]) == [key])
    #expect(self.woken(ports: [HostPort(transport: .udp, number: 80)]).isEmpty)
  }

  @Test("a service's task that goes concerns the service itself, those who avoid or look for it, and those whom it avoids")
  mutating func neighbours() {
    let noisy = self.wait("noisy", placement: Placement(constraints: ["service.name!=shy"], maxReplicas: 1))
    let shy = self.wait("shy")
    let avoider = self.wait("avoider", placement: Placement(constraints: ["service.name!=noisy"]))
    let friend = self.wait("friend", placement: Placement(constraints: ["service.name==noisy"]))
    _ = self.wait("other")
    #expect(self.woken(services: [noisy.service]) == [noisy, shy, avoider, friend])
  }

  @Test("a task that waits no more is forgotten, and its class with the last one")
  mutating func forgotten() {
    let key = self.wait(resources: Resources(nanoCPUs: 1))
    let more = [3, 2].map { SwarmTask(id: self.ids.make(), serviceID: key.service, slot: $0) }
    for task in more { self.waiting.insert(task, key) }
    #expect(self.waiting.count(key) == 3)
    #expect(self.waiting.tasks(key, 3).dropFirst() == [more[1].id, more[0].id])
    for task in more { self.waiting.remove(task, key) }
    let last = SwarmTask(id: self.waiting.tasks(key, 1)[0], serviceID: key.service, slot: 1)
    self.waiting.remove(last, key)
    #expect(!self.waiting.contains(key))
    let node = self.node(nanoCPUs: 2)
    #expect(self.woken(freed: node).isEmpty)
  }

  @Test("the reasons of many who wait follow the nodes, if not all at once")
  func reasons() {
    var swarm = ControlHarness()
    for number in 0..<600 { _ = swarm.create("s\(number)") { $0.constrain("node.labels.nowhere==x") } }
    _ = swarm.addNodes(2)
    swarm.advance(by: .seconds(10))
    let reasons = Set(swarm.store.tasks().map(\.status.err))
    #expect(reasons == ["no suitable node (scheduling constraints not satisfied on 2 nodes)"])
  }

  @Test("a node that has less of its own than its tasks hold gives nothing out, and all of it again when it is back")
  mutating func shrunkenStock() {
    var node = Node(
      id: self.ids.make(),
      description: NodeDescription(resources: Resources(generic: [.discrete(kind: "disk", value: 3)]))
    )
    _ = self.table.update(node, isAvailable: true)
    let index = self.table.indexByID[node.id] ?? -1
    let task = SwarmTask(
      id: self.ids.make(),
      nodeID: node.id,
      status: TaskStatus(state: .running),
      desiredState: .running,
      assignedGenericResources: [.discrete(kind: "disk", value: 2)]
    )
    self.table.taskChanged(from: nil, to: Stored(task))
    #expect(self.table.genericStock(at: index).free("disk") == 1)
    node.description?.resources?.generic = []
    _ = self.table.update(node, isAvailable: true)
    #expect(self.table.genericStock(at: index).capacity(for: [GenericDemand(kind: "disk", count: 1)], limit: 5) == 0)
    node.description?.resources?.generic = [.discrete(kind: "disk", value: 3)]
    _ = self.table.update(node, isAvailable: true)
    self.table.taskChanged(from: Stored(task), to: nil)
    #expect(self.table.genericStock(at: index).free("disk") == 3)
  }
}
