// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

@Suite("Restart policy")
struct RestartPolicyTests {
  private func swarm(
    _ policy: RestartPolicy?,
    image: String = "run"
  ) -> (swarm: ControlHarness, service: ServiceID) {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let service = swarm.create(image: image) { $0.task.restart = policy }
    return (swarm, service)
  }

  @Test("13: with condition any, success is followed by a restart after the delay", arguments: [TaskState.complete, .failed])
  func any(end: TaskState) {
    var (swarm, service) = self.swarm(RestartPolicy(condition: .any, delay: .seconds(3)))
    let first = swarm.running(service)[0]
    swarm.end(first, end)
    swarm.advance(by: .milliseconds(2_900))
    #expect(swarm.running(service).isEmpty)
    swarm.advance(by: .milliseconds(100))
    #expect(swarm.running(service).count == 1)
    #expect(swarm.running(service)[0].id != first.id)
    #expect(swarm.running(service)[0].slot == first.slot)
  }

  @Test("14: with condition on-failure, success ends the slot")
  func onFailureSuccess() {
    var (swarm, service) = self.swarm(RestartPolicy(condition: .onFailure))
    swarm.end(swarm.running(service)[0], .complete)
    swarm.advance(by: .seconds(60))
    #expect(swarm.tasks(service).map(\.status.state) == [.complete])
  }

  @Test("14: with condition on-failure, failure is followed by a restart")
  func onFailureFailure() {
    var (swarm, service) = self.swarm(RestartPolicy(condition: .onFailure))
    swarm.end(swarm.running(service)[0])
    swarm.advance(by: .seconds(5))
    #expect(swarm.running(service).count == 1)
  }

  @Test("15: with condition none, nothing is restarted", arguments: [TaskState.complete, .failed])
  func none(end: TaskState) {
    var (swarm, service) = self.swarm(RestartPolicy(condition: .none))
    swarm.end(swarm.running(service)[0], end)
    swarm.advance(by: .seconds(60))
    #expect(swarm.tasks(service).map(\.status.state) == [end])
    #expect(swarm.tasks(service).map(\.desiredState) == [.shutdown])
  }

  @Test("16: the replacement is prepared at once and runs after the delay")
  func preparedDuringDelay() {
    var (swarm, service) = self.swarm(RestartPolicy(delay: .seconds(10)))
    swarm.end(swarm.running(service)[0])
    #expect(swarm.wanted(service).map(\.desiredState) == [.ready])
    #expect(swarm.wanted(service).map(\.status.state) == [.ready])
    swarm.advance(by: .seconds(10))
    #expect(swarm.running(service).count == 1)
  }

  @Test("16: without a delay the replacement runs at once")
  func noDelay() {
    var (swarm, service) = self.swarm(RestartPolicy(delay: .zero))
    swarm.end(swarm.running(service)[0])
    #expect(swarm.running(service).count == 1)
  }

  @Test("17: after two attempts the third failure is the last")
  func attempts() {
    var (swarm, service) = self.swarm(RestartPolicy(delay: .seconds(1), maxAttempts: 2), image: "fail")
    swarm.advance(by: .seconds(60))
    #expect(swarm.tasks(service).map(\.status.state) == [.failed, .failed, .failed])
    #expect(swarm.wanted(service).isEmpty)
  }

  @Test("17: a new leader counts the same attempts")
  func attemptsAcrossTerms() {
    var (swarm, service) = self.swarm(RestartPolicy(delay: .seconds(1), maxAttempts: 2), image: "fail")
    for _ in 0..<5 {
      swarm.changeLeader()
      swarm.advance(by: .seconds(10))
    }
    #expect(swarm.tasks(service).count == 3)
  }

  @Test("18: failures before the window don't count")
  func window() {
    let policy = RestartPolicy(delay: .seconds(1), maxAttempts: 2, window: .seconds(30))
    var (swarm, service) = self.swarm(policy)
    for _ in 0..<6 {
      for task in swarm.running(service) { swarm.end(task) }
      swarm.advance(by: .seconds(20))
      #expect(swarm.running(service).count == 1)
    }
    for _ in 0..<2 {
      for task in swarm.running(service) { swarm.end(task) }
      swarm.advance(by: .seconds(2))
    }
    #expect(swarm.running(service).isEmpty)
  }

  @Test("19: an update starts the count again")
  func attemptsAfterUpdate() {
    var (swarm, service) = self.swarm(RestartPolicy(delay: .seconds(1), maxAttempts: 1), image: "fail")
    swarm.advance(by: .seconds(20))
    #expect(swarm.wanted(service).isEmpty)
    swarm.update(service) { $0.task.forceUpdate = 1 }
    swarm.advance(by: .seconds(20))
    let version = swarm.store.service(service)?.specVersion
    #expect(swarm.tasks(service).count { $0.specVersion == version } == 2, "the task of the update, and its one attempt more")
  }

  @Test("20: a repeated report of a failure makes no second replacement")
  func repeatedReport() {
    var (swarm, service) = self.swarm(nil)
    let task = swarm.running(service)[0]
    swarm.end(task)
    if let node = task.nodeID {
      swarm.report([TaskStatusUpdate(task: task.id, status: TaskStatus(state: .failed, err: "again"))], node)
    }
    swarm.settle()
    #expect(swarm.wanted(service).count == 1)
  }

  @Test("a task that fails before its delay is over is replaced only when that is over")
  func failureDuringDelay() {
    var (swarm, service) = self.swarm(RestartPolicy(delay: .seconds(10)), image: "reject")
    #expect(swarm.tasks(service).map(\.status.state) == [.rejected, .rejected])
    swarm.advance(by: .seconds(25))
    #expect(swarm.tasks(service).count == 4)
  }

  @Test("a task that isn't to be restarted isn't moved either")
  func noneOnDownNode() {
    var (swarm, service) = self.swarm(RestartPolicy(condition: .none))
    let task = swarm.running(service)[0]
    if let node = task.nodeID { swarm.kill(node) }
    swarm.advance(by: .seconds(30))
    #expect(swarm.tasks(service).map(\.id) == [task.id])
  }

  @Test("a restart delay goes on while the node of a global service takes no tasks")
  func delayOnPausedNode() {
    var swarm = ControlHarness()
    let node = swarm.addNode()
    let service = swarm.create {
      $0.mode = .global
      $0.task.restart = RestartPolicy(delay: .seconds(10))
    }
    swarm.updateNode(node) { $0.availability = .pause }
    swarm.end(swarm.running(service)[0])
    swarm.advance(by: .seconds(4))
    swarm.updateNode(node) { $0.availability = .active }
    swarm.advance(by: .milliseconds(5_900))
    #expect(swarm.running(service).isEmpty)
    swarm.advance(by: .milliseconds(200))
    #expect(swarm.running(service).count == 1)
  }

  @Test("a task that loses its node in its restart delay leaves the rest of it to its replacement")
  func nodeLostDuringDelay() {
    var (swarm, service) = self.swarm(RestartPolicy(delay: .seconds(10)))
    swarm.end(swarm.running(service)[0])
    swarm.advance(by: .seconds(4))
    guard let node = swarm.wanted(service).first?.nodeID else { return }
    swarm.updateNode(node) { $0.availability = .drain }
    swarm.advance(by: .milliseconds(5_900))
    #expect(swarm.running(service).isEmpty)
    swarm.advance(by: .milliseconds(200))
    #expect(swarm.running(service).map(\.nodeID) != [node])
    #expect(swarm.running(service).count == 1)
  }

  @Test("attempts aren't forgotten when a task in between loses its node")
  func attemptsBesideLostNode() {
    var (swarm, service) = self.swarm(RestartPolicy(delay: .seconds(1), maxAttempts: 1))
    swarm.end(swarm.running(service)[0])
    swarm.advance(by: .seconds(2))
    guard let node = swarm.running(service).first?.nodeID else { return }
    swarm.kill(node)
    swarm.advance(by: .seconds(5))
    #expect(swarm.running(service).count == 1)
    swarm.end(swarm.running(service)[0])
    swarm.advance(by: .seconds(30))
    #expect(swarm.wanted(service).isEmpty)
  }

  @Test("a new leader restarts a task on a node that doesn't meet its constraints any more after the delay, and once")
  func misplacedAcrossTerms() {
    var swarm = ControlHarness()
    let first = swarm.addNode(labels: ["disk": "ssd"])
    let service = swarm.create {
      $0.constrain("node.labels.disk==ssd")
      $0.task.restart = RestartPolicy(delay: .seconds(5))
    }
    _ = swarm.addNode(labels: ["disk": "ssd"])
    guard var spec = swarm.store.node(first)?.spec else { return }
    spec.annotations.labels = ["disk": "hdd"]
    swarm.request([.updateNodeSpec(first, expected: nil, spec)])
    swarm.changeLeader()
    #expect(swarm.wanted(service).map(\.desiredState) == [.ready])
    swarm.advance(by: .seconds(6))
    #expect(swarm.running(service).count == 1)
  }

  @Test("which task of a slot is the last one doesn't depend on the wall clock")
  func clockTurnedBack() {
    var (swarm, service) = self.swarm(RestartPolicy(condition: .onFailure))
    let first = swarm.running(service)[0]
    swarm.wallOffset -= .seconds(100)
    if let node = first.nodeID { swarm.kill(node) }
    swarm.advance(by: .seconds(3))
    let second = swarm.running(service)[0]
    #expect(second.id != first.id)
    swarm.end(second, .complete)
    swarm.advance(by: .seconds(30))
    #expect(swarm.wanted(service).isEmpty)
    #expect(Set(swarm.tasks(service).map(\.id)) == [first.id, second.id])
  }

  @Test("a slot that is finished stays so, even when no history is kept")
  func finishedWithoutHistory() {
    var (swarm, service) = self.swarm(RestartPolicy(condition: .none))
    var spec = swarm.store.cluster?.spec ?? ClusterSpec()
    spec.orchestration.taskHistoryRetentionLimit = 0
    swarm.request([.updateClusterSpec(expected: nil, spec)])
    let task = swarm.running(service)[0]
    swarm.end(task, .complete)
    swarm.advance(by: .seconds(30))
    #expect(swarm.tasks(service).map(\.id) == [task.id])
  }

  @Test("tasks on nodes that nobody reaches don't make a slot forget that it is finished")
  func finishedBesideUnreachable() {
    var swarm = ControlHarness()
    _ = swarm.addNodes(3)
    let service = swarm.create { $0.task.restart = RestartPolicy(condition: .onFailure, maxAttempts: 1) }
    for _ in 0..<2 {
      if let node = swarm.running(service)[0].nodeID { swarm.kill(node) }
      swarm.advance(by: .seconds(3))
    }
    swarm.end(swarm.running(service).first { $0.desiredState == .running } ?? SwarmTask(), .complete)
    swarm.advance(by: .seconds(30))
    #expect(swarm.wanted(service).isEmpty)
    #expect(swarm.tasks(service).count { $0.status.state == .complete } == 1)
  }
}
