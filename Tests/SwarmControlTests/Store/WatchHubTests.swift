// SPDX-License-Identifier: Apache-2.0
import SwarmControl
import SwarmModel
import Testing

@Suite("WatchHub")
struct WatchHubTests {
  private func events(_ hub: inout WatchHub, _ id: WatchHub.WatcherID) -> [ChangeSet.Event]? {
    guard case .events(let events) = hub.take(id) else { return nil }
    return events
  }

  private func versions(_ hub: inout WatchHub, _ id: WatchHub.WatcherID) -> [UInt64]? {
    self.events(&hub, id)?.map(\.version.index)
  }

  @Test("watchers get what they asked for, in order, and nothing else")
  func selectors() throws {
    var fixture = StoreFixture()
    var hub = WatchHub()
    let all = hub.watch([.all])
    let services = hub.watch([.kind(.service)])
    let clusters = hub.watch([.kind(.cluster)])
    let node = fixture.addNode()
    let service = fixture.addService()
    let version = try #require(fixture.store.service(service)).specVersion
    let tasks = [node, nil].map { NewTask(id: fixture.ids.make(), slot: 1, node: $0) }
    let onNode = hub.watch([.tasksOn(node)])
    let ofService = hub.watch([.tasksOf(service)])
    let one = hub.watch([.task(tasks[1].id), .service(service)])
    let woken = hub.publish(
      fixture.apply(
        .createTasks(service, specVersion: version, desired: .running, tasks),
        .updateStatus(service, specVersion: nil, UpdateStatus(state: .updating))
      ).changes
    )
    #expect(woken == [all, services, onNode, ofService, one])
    #expect(self.events(&hub, all)?.count == 3)
    #expect(self.events(&hub, services)?.count == 1)
    #expect(self.events(&hub, clusters)?.isEmpty == true)
    #expect(self.events(&hub, onNode)?.count == 1)
    #expect(self.events(&hub, ofService)?.count == 2)
    #expect(self.events(&hub, one)?.count == 2)
    #expect(self.events(&hub, all)?.isEmpty == true)
  }

  @Test("an event that several selectors of a watcher choose comes once")
  func once() {
    var fixture = StoreFixture()
    var hub = WatchHub()
    let watcher = hub.watch([.all, .kind(.node)])
    let node = Node(id: fixture.ids.make())
    _ = hub.publish(fixture.apply(.putNode(node)).changes)
    #expect(self.events(&hub, watcher)?.count == 1)
  }

  @Test("a node's watcher also sees a task that gets its node")
  func assignment() {
    var fixture = StoreFixture()
    var hub = WatchHub()
    let node = fixture.addNode()
    let service = fixture.addService()
    let task = fixture.addTasks(of: service, on: [nil])[0]
    let watcher = hub.watch([.tasksOn(node)])
    _ = hub.publish(fixture.apply(.assignTasks([TaskAssignment(task: task, node: node)])).changes)
    #expect(self.events(&hub, watcher)?.map(\.action) == [.update])
    _ = hub.publish(fixture.apply(.removeTasks([task])).changes)
    #expect(self.events(&hub, watcher)?.map(\.action) == [.remove])
  }

  @Test("69: a watcher goes on after the version that it saw")
  func resume() {
    var fixture = StoreFixture()
    var hub = WatchHub()
    for name in ["a", "b", "c"] {
      let service = Service(id: fixture.ids.make(), spec: StoreFixture.spec(name))
      _ = hub.publish(fixture.apply(.createService(service)).changes)
    }
    let second = hub.watch([.kind(.service)], since: Version(index: 1))
    #expect(self.versions(&hub, second) == [2, 3])
    let beginning = hub.watch([.kind(.service)], since: .zero)
    #expect(self.versions(&hub, beginning) == [1, 2, 3])
    let last = hub.watch([.kind(.service)], since: Version(index: 3))
    #expect(self.versions(&hub, last) == [])
    let fresh = hub.watch([.kind(.service)])
    #expect(self.versions(&hub, fresh) == [])
  }

  @Test("what the history has no more is answered with a resync")
  func forgotten() {
    var fixture = StoreFixture()
    var hub = WatchHub(configuration: .init(history: 2))
    for name in ["a", "b", "c", "d"] {
      let service = Service(id: fixture.ids.make(), spec: StoreFixture.spec(name))
      _ = hub.publish(fixture.apply(.createService(service)).changes)
    }
    let kept = hub.watch([.all], since: Version(index: 2))
    #expect(self.versions(&hub, kept) == [3, 4])
    let lost = hub.watch([.all], since: Version(index: 1))
    #expect(hub.hasEvents(for: lost))
    guard case .resync(let version) = hub.take(lost) else {
      Issue.record("no resync")
      return
    }
    #expect(version == Version(index: 4))
    #expect(self.versions(&hub, lost) == [])
  }

  @Test("a hub that starts with a store knows nothing older")
  func started() {
    var hub = WatchHub(appliedUpTo: 10)
    let old = hub.watch([.all], since: Version(index: 9))
    #expect(hub.hasEvents(for: old))
    let unseen = hub.watch([.all], since: Version(index: 10, ordinal: .max))
    #expect(!hub.hasEvents(for: unseen))
  }

  @Test("a watcher that is too slow gets a resync and then what follows")
  func slow() {
    var fixture = StoreFixture()
    var hub = WatchHub(configuration: .init(history: 100, backlog: 2))
    let slow = hub.watch([.all])
    let quick = hub.watch([.all])
    for name in ["a", "b", "c"] {
      let service = Service(id: fixture.ids.make(), spec: StoreFixture.spec(name))
      _ = hub.publish(fixture.apply(.createService(service)).changes)
      #expect(self.versions(&hub, quick)?.count == 1)
    }
    #expect(self.events(&hub, slow) == nil)
    let service = Service(id: fixture.ids.make(), spec: StoreFixture.spec("d"))
    _ = hub.publish(fixture.apply(.createService(service)).changes)
    #expect(self.versions(&hub, slow) == [4])
  }

  @Test("an installed snapshot is a resync for all")
  func reset() {
    var hub = WatchHub()
    let first = hub.watch([.all])
    let second = hub.watch([.kind(.node)])
    #expect(hub.reset(appliedUpTo: 50) == [first, second])
    guard case .resync(let version) = hub.take(first) else {
      Issue.record("no resync")
      return
    }
    #expect(version == Version(index: 50))
    #expect(self.events(&hub, second) == nil)
  }

  @Test("a cancelled watcher is woken no more")
  func cancel() {
    var fixture = StoreFixture()
    var hub = WatchHub()
    let watcher = hub.watch([.all])
    hub.cancel(watcher)
    #expect(hub.publish(fixture.apply(.putNode(Node(id: fixture.ids.make()))).changes).isEmpty)
    #expect(hub.watcherCount == 0)
    #expect(!hub.hasEvents(for: watcher))
  }

  @Test("events are fetched in parts")
  func parts() {
    var fixture = StoreFixture()
    var hub = WatchHub()
    let watcher = hub.watch([.all])
    let changes = (0..<5).map { _ in Change.putNode(Node(id: fixture.ids.make())) }
    _ = hub.publish(fixture.apply(changes).changes)
    guard case .events(let first) = hub.take(watcher, max: 3), case .events(let rest) = hub.take(watcher) else {
      Issue.record("no events")
      return
    }
    #expect(first.map(\.version.ordinal) + rest.map(\.version.ordinal) == [0, 1, 2, 3, 4])
    #expect(first.count == 3)
  }
}
