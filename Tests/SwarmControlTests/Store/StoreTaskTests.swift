// SPDX-License-Identifier: Apache-2.0
import SwarmControl
import SwarmModel
import Testing

@Suite("Store: tasks")
struct StoreTaskTests {
  @Test("a task with a node is assigned, one without is pending with its reason")
  func create() throws {
    var fixture = StoreFixture()
    let node = fixture.addNode()
    let service = fixture.addService()
    let assigned: TaskID = fixture.ids.make()
    let pending: TaskID = fixture.ids.make()
    let start = fixture.time + .seconds(9)
    let version = try #require(fixture.store.service(service)).specVersion
    fixture.apply(
      .createTasks(
        service,
        specVersion: version,
        desired: .ready,
        [
          NewTask(id: assigned, slot: 1, node: node, startAt: start),
          NewTask(id: pending, slot: 2, err: "no suitable node"),
        ]
      )
    )
    let first = try #require(fixture.store.task(assigned))
    #expect(first.status.state == .assigned)
    #expect(first.nodeID == node)
    #expect(first.slot == 1)
    #expect(first.startAt == start)
    #expect(first.desiredState == .ready)
    #expect(first.specVersion == version)
    #expect(first.serviceAnnotations.name == "web")
    #expect(first.status.timestamp == fixture.time)
    let second = try #require(fixture.store.task(pending))
    #expect(second.status.state == .pending)
    #expect(second.status.err == "no suitable node")
    #expect(second.nodeID == nil)
    #expect(second.startAt == nil)
    #expect(first.spec === second.spec)
    #expect(first.spec.value == fixture.store.service(service)?.spec.task)
    #expect(fixture.store.taskIDs(on: node) == [assigned])
    #expect(fixture.store.taskIDs(of: service) == [assigned, pending].sorted())
  }

  @Test("what a leader decided in a term that is over changes nothing; what a client asked for does")
  func staleTerm() throws {
    var fixture = StoreFixture()
    let service = fixture.addService()
    let version = try #require(fixture.store.service(service)).specVersion
    func entry(_ client: ClientStamp? = nil) -> LogEntry {
      let task = NewTask(id: fixture.ids.make(), slot: 1)
      let change = Change.createTasks(service, specVersion: version, desired: .running, [task])
      return LogEntry(leaderTerm: 5, time: fixture.time, client: client, changes: [change])
    }
    let stale = fixture.store.apply(entry(), index: fixture.store.version + 1, term: 6)
    #expect(stale.changes.isEmpty)
    #expect(stale.firstError?.code == .unavailable)
    #expect(fixture.store.taskCount == 0)
    let client = ClientStamp(client: ClientID(high: 1, low: 1), sequence: 1)
    let asked = fixture.store.apply(entry(client), index: fixture.store.version + 1, term: 6)
    #expect(asked.firstError == nil)
    let own = fixture.store.apply(entry(), index: fixture.store.version + 1, term: 5)
    #expect(own.firstError == nil)
    #expect(fixture.store.taskCount == 2)
  }

  @Test("a task that is for a node, with a reason, waits for that node and goes to no other")
  func preassigned() throws {
    var fixture = StoreFixture()
    let node = fixture.addNode(availability: .pause)
    let other = fixture.addNode()
    let service = fixture.addService()
    let (task, lost): (TaskID, TaskID) = (fixture.ids.make(), fixture.ids.make())
    let version = try #require(fixture.store.service(service)).specVersion
    let created = fixture.apply(
      .createTasks(
        service,
        specVersion: version,
        desired: .running,
        [NewTask(id: task, slot: 0, node: node, err: "full"), NewTask(id: lost, slot: 0, node: fixture.ids.make(), err: "full")]
      )
    )
    #expect(created.rejections.map(\.item) == [1])
    #expect(fixture.store.task(task)?.status.state == .pending)
    #expect(fixture.store.task(task)?.status.err == "full")
    #expect(fixture.store.taskIDs(on: node) == [task])
    let moved = fixture.apply(.assignTasks([TaskAssignment(task: task, node: other)]))
    #expect(moved.rejections.map(\.error.code) == [.aborted])
    fixture.apply(.updateNodeSpec(node, expected: nil, NodeSpec()))
    let assigned = fixture.apply(.assignTasks([TaskAssignment(task: task, node: node)]))
    #expect(assigned.rejections.isEmpty)
    #expect(fixture.store.task(task)?.status.state == .assigned)
  }

  @Test("tasks decided on an older specification are refused as a whole")
  func staleSpec() throws {
    var fixture = StoreFixture()
    let service = fixture.addService()
    let old = try #require(fixture.store.service(service)).specVersion
    fixture.apply(.updateService(service, expected: nil, StoreFixture.spec("web", image: "b"), isRollback: false))
    let applied = fixture.apply(
      .createTasks(service, specVersion: old, desired: .running, [NewTask(id: fixture.ids.make(), slot: 1)])
    )
    #expect(applied.rejections.map(\.ordinal) == [0])
    #expect(applied.rejections.first?.item == nil)
    #expect(fixture.store.taskCount == 0)
  }

  @Test("a write that leaves the specification alone does not make tasks stale")
  func statusIsNoSpec() throws {
    var fixture = StoreFixture()
    let service = fixture.addService()
    fixture.apply(.updateStatus(service, specVersion: nil, UpdateStatus(state: .updating)))
    _ = fixture.addTasks(of: service, on: [nil])
    #expect(fixture.store.taskCount == 1)
  }

  @Test("68: a stale part is refused alone, the rest of its entry is applied")
  func partialRejection() throws {
    var fixture = StoreFixture()
    let good = fixture.addNode()
    let drained = fixture.addNode(availability: .drain)
    let paused = fixture.addNode(availability: .pause)
    let down = fixture.addNode(state: .down)
    let gone: NodeID = fixture.ids.make()
    let service = fixture.addService()
    let version = try #require(fixture.store.service(service)).specVersion
    let tasks = [good, drained, paused, down, gone, good].enumerated().map { slot, node in
      NewTask(id: fixture.ids.make(), slot: UInt64(slot + 1), node: node)
    }
    let applied = fixture.apply(
      .removeTasks([fixture.ids.make()]),
      .createTasks(service, specVersion: version, desired: .running, tasks),
      .updateStatus(service, specVersion: nil, UpdateStatus(state: .updating))
    )
    #expect(applied.rejections.map(\.ordinal) == [0, 1, 1, 1, 1])
    #expect(applied.rejections.map(\.item) == [0, 1, 2, 3, 4])
    #expect(fixture.store.tasks().map(\.slot).sorted() == [1, 6])
    #expect(fixture.store.service(service)?.updateStatus?.state == .updating)
    #expect(applied.firstError?.code == .notFound)
  }

  @Test("a node that nobody has heard of since the election still gets tasks")
  func unknownNode() {
    var fixture = StoreFixture()
    let node = fixture.addNode(state: .unknown)
    let service = fixture.addService()
    _ = fixture.addTasks(of: service, on: [node])
    #expect(fixture.store.taskCount == 1)
  }

  @Test("only pending tasks are assigned")
  func assign() throws {
    var fixture = StoreFixture()
    let node = fixture.addNode()
    let other = fixture.addNode()
    let service = fixture.addService()
    let tasks = fixture.addTasks(of: service, on: [nil, nil])
    fixture.apply(.desiredStates([DesiredStateChange(task: tasks[1], state: .shutdown)]))
    let applied = fixture.apply(
      .assignTasks([TaskAssignment(task: tasks[0], node: node), TaskAssignment(task: tasks[1], node: node)])
    )
    #expect(applied.rejections.map(\.item) == [1])
    #expect(fixture.store.task(tasks[0])?.status.state == .assigned)
    #expect(fixture.store.taskIDs(on: node) == [tasks[0]])
    // A task never moves to another node.
    let again = fixture.apply(.assignTasks([TaskAssignment(task: tasks[0], node: other)]))
    #expect(again.rejections.count == 1)
    #expect(fixture.store.task(tasks[0])?.nodeID == node)
  }

  @Test("the reason why a task is pending is stored once")
  func reasons() {
    var fixture = StoreFixture()
    let service = fixture.addService()
    let tasks = fixture.addTasks(of: service, on: [nil])
    let reason = Change.pendingReasons([PendingReason(task: tasks[0], err: "full")])
    #expect(fixture.apply(reason).changes.tasks.count == 1)
    #expect(fixture.apply(reason).changes.tasks.isEmpty)
    #expect(fixture.store.task(tasks[0])?.status.err == "full")
  }

  @Test("desired states only rise")
  func desired() {
    var fixture = StoreFixture()
    let service = fixture.addService()
    let task = fixture.addTasks(of: service, on: [nil], desired: .ready)[0]
    func raise(_ state: TaskState) -> Applied {
      fixture.apply(.desiredStates([DesiredStateChange(task: task, state: state)]))
    }
    #expect(raise(.running).changes.tasks.count == 1)
    let same = raise(.running)
    #expect(same.changes.isEmpty)
    #expect(same.rejections.isEmpty)
    #expect(raise(.shutdown).rejections.isEmpty)
    #expect(raise(.running).rejections.count == 1)
    #expect(fixture.store.task(task)?.desiredState == .shutdown)
  }

  @Test("observed states only move forward")
  func statuses() {
    var fixture = StoreFixture()
    let node = fixture.addNode()
    let service = fixture.addService()
    let task = fixture.addTasks(of: service, on: [node])[0]
    #expect(fixture.observe(task, .running, from: node).changes.tasks.count == 1)
    #expect(fixture.observe(task, .starting, from: node).rejections.count == 1)
    #expect(fixture.store.task(task)?.status.state == .running)
    fixture.observe(task, .failed, from: node)
    #expect(fixture.observe(task, .running, from: node).rejections.count == 1)
    #expect(fixture.store.task(task)?.status.state == .failed)
  }

  @Test("the same state may bring news, the same status is none")
  func sameState() {
    var fixture = StoreFixture()
    let node = fixture.addNode()
    let service = fixture.addService()
    let task = fixture.addTasks(of: service, on: [node])[0]
    let status = TaskStatus(timestamp: fixture.time, state: .running, container: ContainerStatus(pid: 1))
    let change = Change.taskStatuses([TaskStatusChange(task: task, node: node, status: status)])
    #expect(fixture.apply(change).changes.tasks.count == 1)
    #expect(fixture.apply(change).changes.tasks.isEmpty)
  }

  @Test("a node reports only its own tasks")
  func foreignTask() {
    var fixture = StoreFixture()
    let node = fixture.addNode()
    let other = fixture.addNode()
    let service = fixture.addService()
    let task = fixture.addTasks(of: service, on: [node])[0]
    let applied = fixture.observe(task, .running, from: other)
    #expect(applied.firstError?.code == .permissionDenied)
    #expect(fixture.store.task(task)?.status.state == .assigned)
  }

  @Test("removed tasks leave all indexes")
  func remove() {
    var fixture = StoreFixture()
    let node = fixture.addNode()
    let service = fixture.addService()
    let tasks = fixture.addTasks(of: service, on: [node, node])
    fixture.apply(.removeTasks([tasks[0]]))
    #expect(fixture.store.task(tasks[0]) == nil)
    #expect(fixture.store.taskIDs(of: service) == [tasks[1]])
    #expect(fixture.store.taskIDs(on: node) == [tasks[1]])
    fixture.apply(.removeTasks([tasks[1]]))
    #expect(fixture.store.taskIDs(on: node).isEmpty)
    #expect(fixture.store.taskIDs().isEmpty)
  }

  @Test("a copy of a store does not see what happens to the other")
  func copies() {
    var fixture = StoreFixture()
    let service = fixture.addService()
    _ = fixture.addTasks(of: service, on: [nil])
    let copy = fixture.store
    let digest = copy.digest()
    fixture.apply(.removeService(service))
    #expect(copy.service(service) != nil)
    #expect(copy.digest() == digest)
    #expect(fixture.store.digest() != digest)
  }

  @Test("tasks are created later and later, whatever the clocks of leaders say")
  func creationTimes() throws {
    var fixture = StoreFixture()
    let service = fixture.addService()
    let version = try #require(fixture.store.service(service)).specVersion
    var times: [Timestamp] = []
    for jump in [Duration.zero, .seconds(-100), .seconds(-1), .seconds(1_000)] {
      fixture.time = fixture.time + jump
      let id: TaskID = fixture.ids.make()
      fixture.apply(.createTasks(service, specVersion: version, desired: .running, [NewTask(id: id, slot: 1)]))
      times.append(try #require(fixture.store.task(id)).meta.createdAt)
    }
    #expect(times == times.sorted())
    #expect(Set(times).count == times.count)
    #expect(times.last == fixture.time)
  }
}
