// SPDX-License-Identifier: Apache-2.0
import SwarmControl
import SwarmModel
import Testing

@Suite("Log broker")
struct LogBrokerTests {
  private static let id: LogSubscriptionID = Identifier(String(repeating: "l", count: 25)) ?? Identifier()
  private static let now = Timestamp(nanoseconds: 5_000)

  private static func message(_ node: NodeID, _ task: TaskID, at time: Int64 = 100) -> LogMessage {
    LogMessage(
      service: nil,
      node: node,
      task: task,
      time: Timestamp(nanoseconds: time),
      source: .stdout,
      bytes: Array("x\n".utf8)
    )
  }

  private static func order(_ node: NodeID, _ request: LogRequest?) -> LogBroker.Output {
    .order(node, LogOrder(subscription: self.id, request: request))
  }

  @Test("every node that has a task is asked once, and the subscription ends with the last of them")
  func ends() throws {
    var fixture = StoreFixture()
    let nodes = [fixture.addNode(), fixture.addNode()].sorted()
    let service = fixture.addService()
    let tasks = fixture.addTasks(of: service, on: [nodes[0], nodes[1], nodes[0]])
    var broker = LogBroker()
    for node in nodes { #expect(broker.connected(node).isEmpty) }
    let request = LogRequest(selector: LogSelector(services: [service]), tail: 3)
    let asked = broker.subscribe(Self.id, request, in: fixture.store)
    #expect(Set(asked) == Set(nodes.map { Self.order($0, request) }))
    #expect(asked.count == 2)

    let lines = LogPublication(subscription: Self.id, messages: [Self.message(nodes[0], tasks[0])], isLast: true)
    #expect(try broker.published(lines, by: nodes[0]).isEmpty)
    let end = LogPublication(subscription: Self.id, messages: [], isLast: true)
    #expect(try broker.published(end, by: nodes[1]) == [.finished(Self.id, missing: [])])
    #expect(broker.cancel(Self.id) == nodes.map { Self.order($0, nil) })
    #expect(broker.isIdle)
  }

  @Test("a service without tasks has nothing to wait for")
  func nothing() {
    var fixture = StoreFixture()
    let service = fixture.addService()
    var broker = LogBroker()
    let request = LogRequest(selector: LogSelector(services: [service]))
    #expect(broker.subscribe(Self.id, request, in: fixture.store) == [.finished(Self.id, missing: [])])
  }

  @Test("what can't be had is told: tasks without a node, nodes that are down, nodes that don't listen, nodes that go away")
  func missing() throws {
    var fixture = StoreFixture()
    let down = fixture.addNode()
    let deaf = fixture.addNode()
    let leaving = fixture.addNode()
    let service = fixture.addService()
    let tasks = fixture.addTasks(of: service, on: [nil, down, deaf, leaving])
    var lost = try #require(fixture.store.node(down))
    lost.status.state = .down
    fixture.apply(.putNode(lost))
    var broker = LogBroker()
    _ = broker.connected(leaving)
    let request = LogRequest(selector: LogSelector(services: [service]))
    #expect(broker.subscribe(Self.id, request, in: fixture.store) == [Self.order(leaving, request)])
    #expect(broker.disconnected(leaving, time: Self.now).isEmpty)
    guard case .finished(Self.id, let missing)? = broker.stopWaiting(Self.id, time: Self.now).first else {
      Issue.record("the subscription isn't over")
      return
    }
    #expect(
      Set(missing) == [
        "task \(tasks[0]) has not been scheduled", "node \(down) is not available", "node \(deaf) is not available",
        "node \(leaving) disconnected unexpectedly",
      ]
    )
  }

  @Test("a node is asked for a task that waits for it only once the task has its node")
  func waits() throws {
    var fixture = StoreFixture()
    let node = fixture.addNode()
    let service = fixture.addService()
    let version = try #require(fixture.store.service(service)).specVersion
    let task: TaskID = fixture.ids.make()
    let waiting = NewTask(id: task, slot: 0, node: node, err: "full")
    fixture.apply(.createTasks(service, specVersion: version, desired: .running, [waiting]))
    var broker = LogBroker()
    _ = broker.connected(node)
    let request = LogRequest(selector: LogSelector(services: [service]), follow: true)
    #expect(broker.subscribe(Self.id, request, in: fixture.store).isEmpty)
    let assigned = fixture.apply(.assignTasks([TaskAssignment(task: task, node: node)]))
    #expect(broker.apply(assigned.changes, fixture.store) == [Self.order(node, request)])
  }

  @Test("publishing that breaks off ends a node's part with a word")
  func breaksOff() {
    var fixture = StoreFixture()
    let node = fixture.addNode()
    let service = fixture.addService()
    _ = fixture.addTasks(of: service, on: [node])
    var broker = LogBroker()
    _ = broker.connected(node)
    _ = broker.subscribe(Self.id, LogRequest(selector: LogSelector(services: [service])), in: fixture.store)
    let word = "node \(node) disconnected unexpectedly"
    #expect(broker.brokeOff(Self.id, by: node, time: Self.now) == [.finished(Self.id, missing: [word])])
  }

  @Test("who follows hears of tasks that come to a node later, but not of other services' tasks")
  func follows() throws {
    var fixture = StoreFixture()
    let (first, second) = (fixture.addNode(), fixture.addNode())
    let (service, other) = (fixture.addService(), fixture.addService("other"))
    _ = fixture.addTasks(of: service, on: [first])
    var broker = LogBroker()
    _ = broker.connected(first)
    _ = broker.connected(second)
    let request = LogRequest(selector: LogSelector(services: [service]), follow: true)
    #expect(broker.subscribe(Self.id, request, in: fixture.store) == [Self.order(first, request)])

    let version = try #require(fixture.store.service(other)).specVersion
    let foreign = fixture.apply(
      .createTasks(other, specVersion: version, desired: .running, [NewTask(id: fixture.ids.make(), slot: 1, node: second)])
    )
    #expect(broker.apply(foreign.changes, fixture.store).isEmpty)
    let own = try #require(fixture.store.service(service)).specVersion
    let applied = fixture.apply(
      .createTasks(service, specVersion: own, desired: .running, [NewTask(id: fixture.ids.make(), slot: 2, node: second)])
    )
    #expect(broker.apply(applied.changes, fixture.store) == [Self.order(second, request)])
  }

  @Test("a node that comes back goes on behind its last line for who follows, who gets a word of the gap")
  func comesBack() throws {
    var fixture = StoreFixture()
    let node = fixture.addNode()
    let service = fixture.addService()
    let task = fixture.addTasks(of: service, on: [node])[0]
    var broker = LogBroker()
    _ = broker.connected(node)
    let request = LogRequest(selector: LogSelector(services: [service]), follow: true, tail: 7)
    _ = broker.subscribe(Self.id, request, in: fixture.store)
    let lines = LogPublication(
      subscription: Self.id,
      messages: [Self.message(node, task, at: 300), Self.message(node, task, at: 200)]
    )
    #expect(try broker.published(lines, by: node).isEmpty)
    let gone = broker.disconnected(node, time: Self.now)
    guard case .notice(Self.id, let notice)? = gone.first else {
      Issue.record("no word: \(gone)")
      return
    }
    #expect(notice.task == task && notice.node == node && notice.source == .stderr)
    #expect(String(decoding: notice.bytes, as: UTF8.self).hasPrefix("[swarm] node \(node) disconnected"))
    var rest = request
    rest.tail = nil
    rest.since = Timestamp(nanoseconds: 301)
    #expect(broker.connected(node) == [Self.order(node, rest)])
  }

  @Test("nobody publishes another node's lines, or for a subscription that it isn't asked for")
  func foreignLines() {
    var fixture = StoreFixture()
    let (node, other) = (fixture.addNode(), fixture.addNode())
    let service = fixture.addService()
    let task = fixture.addTasks(of: service, on: [node])[0]
    var broker = LogBroker()
    _ = broker.connected(node)
    _ = broker.subscribe(Self.id, LogRequest(selector: LogSelector(services: [service])), in: fixture.store)
    let lie = LogPublication(subscription: Self.id, messages: [Self.message(other, task)])
    #expect(throws: SwarmError.self) { try broker.published(lie, by: node) }
    let stranger = LogPublication(subscription: Self.id, messages: [Self.message(other, task)])
    let error = #expect(throws: SwarmError.self) { try broker.published(stranger, by: other) }
    #expect(error?.code == .notFound)
  }
}
