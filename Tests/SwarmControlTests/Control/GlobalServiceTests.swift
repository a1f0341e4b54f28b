// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

@Suite("Global services")
struct GlobalServiceTests {
  private func create(_ swarm: inout ControlHarness, _ configure: (inout ServiceSpec) -> Void = { _ in }) -> ServiceID {
    swarm.create("everywhere") { spec in
      spec.mode = .global
      configure(&spec)
    }
  }

  @Test("35: there is one task on each node")
  func create() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(3)
    let before = swarm.log.count
    let service = self.create(&swarm)
    #expect(swarm.spread(service, over: nodes) == [1, 1, 1])
    #expect(swarm.tasks(service).allSatisfy { $0.slot == 0 })
    #expect(swarm.log.count - before <= 5)
  }

  @Test("36: a node that joins gets a task; a node that goes loses it")
  func nodesComeAndGo() {
    var swarm = ControlHarness()
    var nodes = swarm.addNodes(2)
    let service = self.create(&swarm)
    nodes.append(swarm.addNode())
    #expect(swarm.spread(service, over: nodes) == [1, 1, 1])
    swarm.request([.removeNode(nodes[0], force: true)])
    swarm.advance(by: .seconds(1))
    #expect(swarm.tasks(service).count == 2)
  }

  @Test("36: a node that loses the constraint loses its task")
  func constraintLost() {
    var swarm = ControlHarness()
    let nodes = [swarm.addNode(labels: ["edge": "yes"]), swarm.addNode(labels: ["edge": "yes"]), swarm.addNode()]
    let service = self.create(&swarm) { $0.constrain("node.labels.edge==yes") }
    #expect(swarm.spread(service, over: nodes) == [1, 1, 0])
    swarm.updateNode(nodes[0]) { $0.annotations.labels = [:] }
    swarm.advance(by: .seconds(10))
    #expect(swarm.spread(service, over: nodes) == [0, 1, 0])
    #expect(swarm.wanted(service).count == 1)
    swarm.updateNode(nodes[2]) { $0.annotations.labels = ["edge": "YES"] }
    #expect(swarm.spread(service, over: nodes) == [0, 1, 1])
  }

  @Test("37: drained, paused and down nodes get no task", arguments: [NodeSpec.Availability.drain, .pause])
  func unavailable(availability: NodeSpec.Availability) {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(3)
    swarm.updateNode(nodes[0]) { $0.availability = availability }
    swarm.kill(nodes[1])
    swarm.advance(by: .seconds(3))
    let service = self.create(&swarm)
    #expect(swarm.spread(service, over: nodes) == [0, 0, 1])
    #expect(swarm.tasks(service).count == 1)
    swarm.updateNode(nodes[0]) { $0.availability = .active }
    swarm.revive(nodes[1])
    #expect(swarm.spread(service, over: nodes) == [1, 1, 1])
  }

  @Test("38: of two tasks on a node one is shut down")
  func duplicates() {
    var swarm = ControlHarness()
    let node = swarm.addNode()
    let service = self.create(&swarm)
    guard let version = swarm.store.service(service)?.specVersion else { return }
    swarm.invariants.isStartFirstAllowed = true
    let extra = NewTask(id: swarm.ids.make(), slot: 0, node: node)
    swarm.store = swarm.store.applying([.createTasks(service, specVersion: version, desired: .running, [extra])], &swarm.index)
    swarm.changeLeader()
    #expect(swarm.wanted(service).count == 1)
    #expect(swarm.running(service).count == 1)
  }

  @Test("a node that returns gets its task again")
  func downAndUp() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(2)
    let service = self.create(&swarm)
    swarm.kill(nodes[0])
    swarm.advance(by: .seconds(3))
    #expect(swarm.wanted(service).count == 1)
    swarm.revive(nodes[0])
    #expect(swarm.spread(service, over: nodes) == [1, 1])
  }

  @Test("a task that failed is restarted on its node after the delay")
  func restart() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(2)
    let service = self.create(&swarm)
    swarm.end(swarm.running(service)[0])
    #expect(swarm.running(service).count == 1)
    swarm.advance(by: .seconds(5))
    #expect(swarm.spread(service, over: nodes) == [1, 1])
  }

  @Test("a node without room gets its task when there is room")
  func noRoom() {
    var swarm = ControlHarness()
    let nodes = [swarm.addNode(cpus: 4), swarm.addNode(cpus: 1)]
    let other = swarm.create("other") {
      $0.reserve(cpus: 1)
      $0.task.placement = Placement(constraints: ["node.id==\(nodes[1])"])
    }
    let service = self.create(&swarm) { $0.reserve(cpus: 1) }
    #expect(swarm.spread(service, over: nodes) == [1, 0])
    swarm.request([.removeService(other)])
    swarm.settle()
    #expect(swarm.spread(service, over: nodes) == [1, 1])
  }
}
