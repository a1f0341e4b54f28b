// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

@Suite("Updates that another leader goes on with")
struct UpdatesAndLeadersTests {
  @Test("a new leader goes on with an update")
  func leaderChange() {
    var (swarm, service) = updating(UpdateConfig(delay: .seconds(3)), replicas: 6)
    swarm.update(service, setImage("new"))
    swarm.advance(by: .seconds(4))
    swarm.changeLeader()
    swarm.advance(by: .seconds(60))
    #expect(swarm.images(service) == [String](repeating: "new", count: 6))
    #expect(swarm.store.service(service)?.updateStatus?.state == .completed)
  }

  @Test("21: a new leader counts a slot whose task was tried on a lost node before as one that is being replaced")
  func adoptsSlotWithLostTask() {
    var swarm = ControlHarness()
    _ = swarm.addNodes(4)
    let service = swarm.create(replicas: 3) { $0.update = UpdateConfig(order: .startFirst) }
    swarm.update(service, setImage("stuck"))
    func fresh() -> [SwarmTask] { swarm.wanted(service).filter { $0.spec.value.container?.image == "stuck" } }
    guard let node = fresh().first?.nodeID else { return }
    swarm.kill(node)
    swarm.advance(by: .seconds(10))
    #expect(fresh().count == 1)
    swarm.changeLeader()
    swarm.advance(by: .seconds(10))
    #expect(fresh().count == 1)
  }

  /// Begins an update, and lets another leader hear what becomes of its tasks.
  private func update(_ service: ServiceID, to image: String, heardOnlyByTheNextLeaderOf swarm: inout ControlHarness) {
    let nodes = swarm.agents.keys.sorted()
    for node in nodes { swarm.hang(node) }
    swarm.update(service, setImage(image))
    for node in nodes {
      swarm.agents[node]?.isAlive = true
      swarm.agents[node]?.session = nil
    }
    swarm.changeLeader()
  }

  @Test("23: the delay after a task is kept by a new leader that hears of the task before it has looked at the update")
  func delayAcrossLeaders() {
    var swarm = ControlHarness(configuration: ControlConfiguration(slotsPerTurn: 1))
    _ = swarm.addNodes(3)
    swarm.create("other", replicas: 20)
    let service = swarm.create(replicas: 4) { $0.update = UpdateConfig(delay: .seconds(10), order: .startFirst) }
    self.update(service, to: "new", heardOnlyByTheNextLeaderOf: &swarm)
    #expect(swarm.images(service).count { $0 == "new" } == 1)
    swarm.advance(by: .seconds(9))
    #expect(swarm.images(service).count { $0 == "new" } == 1)
    swarm.advance(by: .seconds(2))
    #expect(swarm.images(service).count { $0 == "new" } == 2)
  }

  @Test("26: a task that fails before the new leader has looked at its slot pauses the update")
  func failureBeforeFirstLook() {
    var swarm = ControlHarness(configuration: ControlConfiguration(slotsPerTurn: 1))
    _ = swarm.addNodes(3)
    swarm.create("other", replicas: 20)
    let service = swarm.create(replicas: 4) {
      $0.update = UpdateConfig(monitor: .seconds(30), order: .startFirst)
      $0.task.restart = RestartPolicy(condition: RestartPolicy.Condition.none)
    }
    self.update(service, to: "fail", heardOnlyByTheNextLeaderOf: &swarm)
    swarm.advance(by: .seconds(60))
    #expect(swarm.store.service(service)?.updateStatus?.state == .paused)
    #expect(swarm.tasks(service).count { $0.spec.value.container?.image == "fail" } == 1)
  }

  @Test("26: a task that the last leader started and that fails in its monitoring period pauses the update")
  func monitorAcrossLeaders() {
    var (swarm, service) = updating(UpdateConfig(delay: .seconds(20), monitor: .seconds(30)))
    swarm.update(service, setImage("new"))
    swarm.advance(by: .seconds(5))
    swarm.changeLeader()
    swarm.advance(by: .seconds(5))
    let new = swarm.running(service).filter { $0.spec.value.container?.image == "new" }
    #expect(new.count == 1)
    for task in new { swarm.end(task) }
    #expect(swarm.store.service(service)?.updateStatus?.state == .paused)
  }
}
