// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

@Suite("Replicated services")
struct ReplicatedServiceTests {
  @Test("1: three replicas become tasks in slots 1 to 3 that are meant to run")
  func create() {
    var swarm = ControlHarness()
    _ = swarm.addNodes(3)
    let service = swarm.create(replicas: 3)
    #expect(swarm.tasks(service).map(\.slot).sorted() == [1, 2, 3])
    #expect(swarm.tasks(service).allSatisfy { $0.desiredState == .running })
    #expect(swarm.running(service).count == 3)
  }

  @Test("one replica costs three log entries until it runs")
  func entriesForOne() {
    var swarm = ControlHarness()
    _ = swarm.addNodes(3)
    let before = swarm.log.count
    let service = swarm.create(replicas: 1)
    #expect(swarm.running(service).count == 1)
    #expect(swarm.log.count - before == 3)
  }

  @Test("a thousand replicas on ten nodes cost few log entries")
  func entriesForMany() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(10)
    let before = swarm.log.count
    let service = swarm.create(replicas: 1_000)
    #expect(swarm.running(service).count == 1_000)
    #expect(swarm.spread(service, over: nodes) == [Int](repeating: 100, count: 10))
    #expect(swarm.log.count - before <= 8)
  }

  @Test("2: scaling up adds tasks in free slots and leaves the others alone")
  func scaleUp() {
    var swarm = ControlHarness()
    _ = swarm.addNodes(3)
    let service = swarm.create(replicas: 3)
    let before = Set(swarm.tasks(service).map(\.id))
    swarm.scale(service, to: 5)
    #expect(swarm.running(service).map(\.slot).sorted() == [1, 2, 3, 4, 5])
    #expect(before.isSubset(of: swarm.running(service).map(\.id)))
  }

  @Test("3: scaling down takes from the nodes that have most")
  func scaleDown() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(3)
    let service = swarm.create(replicas: 5)
    swarm.scale(service, to: 3)
    #expect(swarm.spread(service, over: nodes) == [1, 1, 1])
    swarm.advance(by: .seconds(1))
    #expect(swarm.tasks(service).count == 3)
  }

  @Test("3: scaling down takes tasks that don't run first")
  func scaleDownPending() {
    var swarm = ControlHarness()
    let node = swarm.addNode(cpus: 2)
    let service = swarm.create(replicas: 4) { $0.reserve(cpus: 1) }
    #expect(swarm.running(service).count == 2)
    swarm.scale(service, to: 2)
    #expect(swarm.running(service).count == 2)
    #expect(swarm.wanted(service).allSatisfy { $0.nodeID == node })
  }

  @Test("4: no replicas means that all tasks go")
  func scaleToZero() {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let service = swarm.create(replicas: 3)
    swarm.scale(service, to: 0)
    #expect(swarm.wanted(service).isEmpty)
    swarm.advance(by: .seconds(1))
    #expect(swarm.tasks(service).isEmpty)
  }

  @Test("5: the slot of a task that was deleted is filled again")
  func deletedTask() {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let service = swarm.create(replicas: 3)
    let victim = swarm.tasks(service)[0]
    swarm.request([.removeTasks([victim.id])])
    swarm.settle()
    #expect(swarm.running(service).map(\.slot).sorted() == [1, 2, 3])
  }

  @Test("6: a new leader replaces a task that failed meanwhile")
  func failedBeforeTerm() {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let service = swarm.create(replicas: 1)
    let task = swarm.running(service)[0]
    swarm.proposals = []
    let failure = TaskStatusChange(task: task.id, status: TaskStatus(state: .failed))
    swarm.store = swarm.store.applying([.taskStatuses([failure])], &swarm.index)
    swarm.changeLeader()
    swarm.advance(by: .seconds(6))
    #expect(swarm.running(service).count == 1)
    #expect(swarm.running(service)[0].id != task.id)
  }

  @Test("8: a new leader starts a task in its restart delay after what is left of it")
  func delayAcrossTerms() {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let service = swarm.create(replicas: 1)
    swarm.end(swarm.running(service)[0])
    swarm.advance(by: .seconds(3))
    swarm.changeLeader()
    #expect(swarm.wanted(service).map(\.desiredState) == [.ready])
    swarm.advance(by: .milliseconds(1_900))
    #expect(swarm.running(service).isEmpty)
    swarm.advance(by: .milliseconds(200))
    #expect(swarm.running(service).count == 1)
    #expect(swarm.wanted(service).count == 1)
  }

  @Test("8: a jump of the wall clock makes a restart delay no longer than it is")
  func clockJump() {
    var swarm = ControlHarness()
    _ = swarm.addNode()
    let service = swarm.create(replicas: 1)
    swarm.end(swarm.running(service)[0])
    swarm.wallOffset -= .seconds(3_600)
    swarm.changeLeader()
    swarm.advance(by: .seconds(6))
    #expect(swarm.running(service).count == 1)
  }

  @Test("12: the tasks of a removed service are removed, and none comes back")
  func removeService() {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let service = swarm.create(replicas: 4)
    swarm.request([.removeService(service)])
    swarm.settle()
    #expect(swarm.wanted(service).isEmpty)
    swarm.advance(by: .seconds(10))
    #expect(swarm.tasks(service).isEmpty)
    #expect(swarm.agents.values.allSatisfy { $0.held.isEmpty })
  }
}

extension ServiceSpec {
  mutating func reserve(cpus: Int64) {
    self.task.resources = ResourceRequirements(reservations: Resources(nanoCPUs: cpus * 1_000_000_000))
  }
}

extension Store {
  /// The store after further changes that no control loop has heard of.
  func applying(_ changes: [Change], _ index: inout UInt64) -> Store {
    var store = self
    index += 1
    _ = store.apply(LogEntry(leaderTerm: 0, time: store.time, changes: changes), index: index)
    return store
  }
}
