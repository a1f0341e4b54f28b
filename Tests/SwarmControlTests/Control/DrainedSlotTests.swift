// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

/// What runs on on a drained node, what was to take its place, and what an update puts there: two guards keep them from being three, and each is tested
/// without the other.
@Suite("An update of a slot that leaves a drained node")
struct DrainedSlotTests {
  @Test("the update stops what was to take the slot before it puts its own task there")
  func order() throws {
    var swarm = ControlHarness()
    let node = swarm.addNode()
    let service = swarm.create { $0.update = UpdateConfig(order: .startFirst) }
    swarm.updateNode(node) { $0.availability = .drain }
    let replacement = try #require(swarm.wanted(service).first { $0.status.state == .pending }?.id)
    let known = swarm.log.count
    swarm.update(service, setImage("two"))
    let changes = swarm.log[known...].flatMap(\.changes)
    let stop = changes.firstIndex { change in
      guard case .desiredStates(let states) = change else { return false }
      return states.contains { $0.task == replacement && $0.state == .shutdown }
    }
    let creation = changes.firstIndex { change in
      guard case .createTasks = change else { return false }
      return true
    }
    #expect(try #require(stop) < #require(creation))
  }

  @Test("where the order to stop it was lost, it is stopped as soon as the slot is looked at")
  func lostOrder() {
    var ids = IdentifierGenerator(seed: 1)
    let service = Service(
      id: ids.make(),
      spec: ServiceSpec(mode: .replicated(replicas: 1), update: UpdateConfig(order: .startFirst))
    )
    let decider = SlotDecider(box: Stored(service), time: .zero, now: .zero, stopTimeout: .seconds(60), historyLimit: 5)
    func task(_ state: TaskState, on node: SlotTask.NodeState, isFresh: Bool) -> SlotTask {
      let task = SwarmTask(
        id: ids.make(),
        serviceID: service.id,
        slot: 1,
        nodeID: ids.make(),
        status: TaskStatus(state: state),
        desiredState: .running
      )
      return SlotTask(box: Stored(task), node: node, isFresh: isFresh)
    }
    let leaving = task(.running, on: .draining, isFresh: false)
    let late = task(.assigned, on: .usable, isFresh: false)
    let updated = task(.assigned, on: .usable, isFresh: true)
    let decision = decider.decide([leaving, late, updated], admission: .open)
    #expect(decision.desired == [DesiredStateChange(task: late.task.id, state: .shutdown)])
    #expect(decision.replacement == nil)
    #expect(decision.freshness == .replacing)
  }
}
