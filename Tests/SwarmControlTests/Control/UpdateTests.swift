// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

@Suite("Updates")
struct UpdateTests {
  @Test("21, 23: one slot at a time, with the delay in between")
  func parallelism() {
    var (swarm, service) = updating(UpdateConfig(parallelism: 1, delay: .seconds(10)))
    swarm.update(service, setImage("new"))
    for updated in 1...4 {
      #expect(swarm.images(service).count { $0 == "new" } == updated)
      #expect(swarm.running(service).count == 4)
      swarm.advance(by: .seconds(10))
    }
  }

  @Test("22: without a limit all slots are replaced at once")
  func unlimited() {
    var (swarm, service) = updating(UpdateConfig(parallelism: 0))
    swarm.update(service, setImage("stuck"))
    #expect(swarm.wanted(service).map(\.status.state) == [.assigned, .assigned, .assigned, .assigned])
    #expect(swarm.images(service) == [])
  }

  @Test("24: stop-first waits until the old task has stopped")
  func stopFirst() {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let service = swarm.create(image: "stubborn")
    let old = swarm.running(service)[0]
    swarm.update(service, setImage("new"))
    #expect(swarm.wanted(service).map(\.status.state) == [.ready])
    swarm.end(old)
    #expect(swarm.images(service) == ["new"])
  }

  @Test("25: start-first stops the old task when the new one runs")
  func startFirst() {
    var (swarm, service) = updating(UpdateConfig(order: .startFirst), replicas: 1)
    swarm.update(service, setImage("stuck"))
    #expect(swarm.images(service) == ["run"])
    #expect(swarm.wanted(service).count == 2)
    swarm.update(service, setImage("new"))
    #expect(swarm.images(service) == ["new"])
    #expect(swarm.wanted(service).count == 1)
  }

  @Test("26: too many failures pause the update")
  func pause() {
    var (swarm, service) = updating(UpdateConfig(failureAction: .pause))
    swarm.update(service, setImage("fail"))
    swarm.advance(by: .seconds(30))
    let status = swarm.store.service(service)?.updateStatus
    #expect(status?.state == .paused)
    #expect(status?.message.hasPrefix("update paused due to failure or early termination of task ") == true)
    #expect(swarm.images(service) == ["run", "run", "run"])
  }

  @Test("27: as many failures as the ratio allows don't end the update")
  func ratio() {
    var (swarm, service) = updating(UpdateConfig(failureAction: .pause, maxFailureRatio: 0.5))
    swarm.update(service, setImage("fail"))
    swarm.advance(by: .seconds(60))
    #expect(swarm.store.service(service)?.updateStatus?.state == .paused)
    #expect(swarm.images(service) == ["run"])
  }

  @Test("an update replaces a task in its restart delay at once")
  func duringRestartDelay() {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let service = swarm.create(image: "reject") { $0.task.restart = RestartPolicy(delay: .seconds(60)) }
    #expect(swarm.wanted(service).map(\.status.state) == [.rejected])
    swarm.update(service, setImage("new"))
    #expect(swarm.store.service(service)?.updateStatus?.state == .updating)
    #expect(swarm.images(service) == ["new"])
  }

  @Test("28: a rollback brings the previous specification back")
  func rollback() {
    var (swarm, service) = updating(UpdateConfig(failureAction: .rollback), replicas: 3)
    swarm.update(service, setImage("fail"))
    swarm.settle()
    #expect(swarm.store.service(service)?.updateStatus?.state == .rollbackStarted)
    swarm.advance(by: .seconds(30))
    #expect(swarm.store.service(service)?.updateStatus?.state == .rollbackCompleted)
    #expect(swarm.images(service) == ["run", "run", "run"])
    #expect(swarm.store.service(service)?.previousSpec == nil)
  }

  @Test("28: a rollback that fails as well is paused")
  func rollbackPaused() {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let service = swarm.create(image: "reject") { $0.update = UpdateConfig(failureAction: .rollback) }
    swarm.update(service, setImage("fail"))
    swarm.advance(by: .seconds(30))
    let status = swarm.store.service(service)?.updateStatus
    #expect(status?.state == .rollbackPaused)
    #expect(status?.message.hasPrefix("rollback paused due to failure or early termination of task ") == true)
    #expect(swarm.tasks(service).last?.spec.value.container?.image == "reject")
  }

  @Test("25: start-first keeps the old task when the new one never runs")
  func startFirstFailing() {
    var (swarm, service) = updating(UpdateConfig(order: .startFirst), replicas: 2)
    let before = swarm.running(service).map(\.id)
    swarm.update(service, setImage("reject"))
    swarm.advance(by: .seconds(30))
    #expect(swarm.store.service(service)?.updateStatus?.state == .paused)
    #expect(swarm.running(service).map(\.id) == before)
  }

  @Test("29: failures that are to be ignored don't stop the update")
  func continueOnFailure() {
    var (swarm, service) = updating(UpdateConfig(failureAction: .continue))
    swarm.update(service, setImage("fail"))
    swarm.advance(by: .seconds(60))
    #expect(swarm.store.service(service)?.updateStatus?.state == .completed)
  }

  @Test("30: an old task that never stops is waited for a minute")
  func stopTimeout() {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let service = swarm.create(image: "stubborn")
    swarm.update(service, setImage("new"))
    swarm.advance(by: .seconds(59))
    #expect(swarm.images(service) == [])
    swarm.advance(by: .seconds(2))
    #expect(swarm.images(service) == ["new"])
  }

  @Test("31: another placement leaves tasks alone whose node still fits")
  func placementOnly() {
    var swarm = ControlHarness()
    let nodes = [swarm.addNode(labels: ["a": "b"]), swarm.addNode()]
    let service = swarm.create(replicas: 2)
    let before = swarm.running(service)
    swarm.update(service) { $0.constrain("node.labels.a==b") }
    swarm.advance(by: .seconds(30))
    #expect(swarm.spread(service, over: nodes) == [2, 0])
    let kept = before.filter { $0.nodeID == nodes[0] }.map(\.id)
    #expect(Set(kept).isSubset(of: swarm.running(service).map(\.id)))
  }

  @Test("31: tasks that no node fits are replaced when another placement is asked for")
  func placementOfWaiting() {
    var swarm = ControlHarness()
    let node = swarm.addNode(labels: ["a": "b"])
    let service = swarm.create(replicas: 2) { $0.constrain("node.labels.a==c") }
    swarm.advance(by: .seconds(5))
    #expect(swarm.running(service).isEmpty)
    swarm.update(service) { $0.constrain("node.labels.a==b") }
    swarm.advance(by: .seconds(30))
    #expect(swarm.spread(service, over: [node]) == [2])
    #expect(swarm.store.service(service)?.updateStatus?.state == .completed)
  }

  @Test("32: an equal specification replaces nothing, a forced update everything")
  func forced() {
    var (swarm, service) = updating(UpdateConfig(parallelism: 0))
    let before = Set(swarm.running(service).map(\.id))
    swarm.update(service) { $0.annotations.labels = ["a": "b"] }
    swarm.advance(by: .seconds(10))
    #expect(Set(swarm.running(service).map(\.id)) == before)
    swarm.update(service) { $0.task.forceUpdate += 1 }
    swarm.advance(by: .seconds(10))
    #expect(before.isDisjoint(with: swarm.running(service).map(\.id)))
  }

  @Test("33: a second update takes over from the first")
  func superseded() {
    var (swarm, service) = updating(UpdateConfig(delay: .seconds(2)))
    swarm.update(service, setImage("stuck"))
    swarm.advance(by: .seconds(3))
    swarm.update(service, setImage("new"))
    swarm.advance(by: .seconds(60))
    #expect(swarm.images(service) == ["new", "new", "new", "new"])
    #expect(swarm.store.service(service)?.updateStatus?.state == .completed)
  }

  @Test("34: the update is complete a monitoring period after the last task runs")
  func completion() {
    var (swarm, service) = updating(UpdateConfig(parallelism: 0, monitor: .seconds(7)))
    swarm.update(service, setImage("new"))
    #expect(swarm.store.service(service)?.updateStatus?.state == .updating)
    swarm.advance(by: .milliseconds(6_900))
    #expect(swarm.store.service(service)?.updateStatus?.state == .updating)
    swarm.advance(by: .milliseconds(200))
    #expect(swarm.store.service(service)?.updateStatus?.state == .completed)
  }

  @Test("a global service is updated node by node")
  func global() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(3)
    let service = swarm.create {
      $0.mode = .global
      $0.update = UpdateConfig(delay: .seconds(1))
      $0.reserve(cpus: 3)
    }
    swarm.update(service, setImage("new"))
    swarm.advance(by: .seconds(30))
    #expect(swarm.spread(service, over: nodes) == [1, 1, 1])
    #expect(swarm.images(service) == ["new", "new", "new"])
  }

  @Test("an update of a global service waits for nodes without room", arguments: [UpdateConfig.Order.stopFirst, .startFirst])
  func globalWithoutRoom(order: UpdateConfig.Order) {
    var swarm = ControlHarness()
    let node = swarm.addNode()
    let service = swarm.create(image: "stubborn") {
      $0.mode = .global
      $0.update = UpdateConfig(order: order)
      $0.task.restart = RestartPolicy(condition: .none)
      $0.reserve(cpus: 3)
    }
    let old = swarm.running(service)[0]
    swarm.update(service, setImage("new"))
    swarm.advance(by: .seconds(30))
    #expect(!swarm.isStuck)
    #expect(swarm.store.service(service)?.updateStatus?.state == .updating)
    swarm.end(old)
    #expect(swarm.spread(service, over: [node]) == [1])
    #expect(swarm.images(service) == ["new"])
  }

  @Test("on full nodes an update of a global service keeps to its parallelism, though new tasks come when old ones have stopped")
  func globalOnFullNodes() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(4)
    let service = swarm.create(image: "stubborn") {
      $0.mode = .global
      $0.update = UpdateConfig(parallelism: 1)
      $0.reserve(cpus: 3)
    }
    swarm.update(service, setImage("new"))
    for round in 0..<4 {
      swarm.advance(by: .seconds(3))
      let stopping = swarm.store.tasks(of: service).filter { !$0.isWanted && !$0.hasEnded }
      #expect(stopping.count == 1, "round \(round)")
      #expect(swarm.running(service).count == 3, "round \(round)")
      for task in stopping { swarm.end(task, .shutdown) }
    }
    swarm.advance(by: .seconds(30))
    #expect(swarm.spread(service, over: nodes) == [1, 1, 1, 1])
    #expect(swarm.images(service) == ["new", "new", "new", "new"])
    #expect(swarm.store.service(service)?.updateStatus?.state == .completed)
  }

  @Test("an update of a global service doesn't wait for a node that is down, and catches up when it is back")
  func globalOnDownNode() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(2)
    let service = swarm.create {
      $0.mode = .global
      $0.task.restart = RestartPolicy(condition: .none)
    }
    swarm.kill(nodes[1])
    swarm.advance(by: .seconds(5))
    swarm.update(service, setImage("new"))
    swarm.advance(by: .seconds(30))
    #expect(swarm.store.service(service)?.updateStatus?.state == .completed)
    #expect(swarm.spread(service, over: nodes) == [1, 0])
    swarm.revive(nodes[1])
    swarm.advance(by: .seconds(30))
    #expect(swarm.images(service) == ["new", "new"])
    #expect(swarm.spread(service, over: nodes) == [1, 1])
  }

  @Test("an update of a global service doesn't wait for an empty node without room")
  func globalOnSmallNode() {
    var swarm = ControlHarness()
    let nodes = [swarm.addNode(), swarm.addNode(cpus: 1)]
    let service = swarm.create {
      $0.mode = .global
      $0.task.restart = RestartPolicy(condition: .none)
    }
    swarm.update(service) { $0.reserve(cpus: 3) }
    swarm.advance(by: .seconds(60))
    #expect(swarm.spread(service, over: nodes) == [1, 0])
    #expect(swarm.store.service(service)?.updateStatus?.state == .completed)
  }
}
