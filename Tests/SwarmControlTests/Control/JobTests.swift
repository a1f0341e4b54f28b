// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

@Suite("Jobs")
struct JobTests {
  private static func job(_ total: UInt64, atATime concurrent: UInt64) -> ServiceMode {
    .replicatedJob(maxConcurrent: concurrent, totalCompletions: total)
  }

  @Test("39: a job runs so many tasks at a time, each completion starts one more, and never more than the total")
  func replicated() throws {
    var swarm = ControlHarness()
    _ = swarm.addNodes(3)
    let job = swarm.create { $0.mode = Self.job(10, atATime: 3) }
    #expect(swarm.wanted(job).allSatisfy { $0.desiredState == .complete })
    for completed in 0..<10 {
      let running = swarm.running(job)
      #expect(running.count == min(3, 10 - completed))
      #expect(swarm.tasks(job).count == min(10, completed + 3))
      swarm.end(try #require(running.first), .complete)
    }
    swarm.advance(by: .seconds(100))
    #expect(swarm.completed(job).map(\.slot).sorted() == Array(1...10))
    #expect(swarm.tasks(job).count == 10)
  }

  @Test("39: a job of tasks that end at once comes to its total")
  func immediate() {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let job = swarm.create(image: "complete") { $0.mode = Self.job(50, atATime: 7) }
    #expect(swarm.completed(job).count == 50)
    #expect(swarm.tasks(job).count == 50)
  }

  @Test(
    "40: a failed task of a job is tried again in its slot, a completed one never",
    arguments: [nil, .any, .onFailure] as [RestartPolicy.Condition?]
  )
  func retry(condition: RestartPolicy.Condition?) throws {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let job = swarm.create {
      $0.mode = Self.job(2, atATime: 2)
      $0.task.restart = condition.map { RestartPolicy(condition: $0, delay: .seconds(3)) }
    }
    let running = swarm.running(job)
    try #require(running.count == 2)
    let (first, second) = (running[0], running[1])
    swarm.end(first, .failed)
    swarm.end(second, .complete)
    #expect(swarm.wanted(job).filter { !$0.hasEnded }.map(\.desiredState) == [.ready])
    swarm.advance(by: .seconds(6))
    #expect(swarm.running(job).map(\.slot) == [first.slot])
    #expect(swarm.running(job).map(\.desiredState) == [.complete])
    swarm.end(try #require(swarm.running(job).first), .complete)
    swarm.advance(by: .seconds(60))
    #expect(swarm.completed(job).count == 2)
    #expect(swarm.running(job).isEmpty)
  }

  @Test("a job whose tasks are not restarted ends with as many failures as it has slots")
  func neverRestarted() {
    var swarm = ControlHarness()
    _ = swarm.addNode()
    let job = swarm.create(image: "fail") {
      $0.mode = Self.job(4, atATime: 2)
      $0.task.restart = RestartPolicy(condition: .none)
    }
    swarm.advance(by: .seconds(60))
    #expect(swarm.tasks(job).map(\.status.state) == [.failed, .failed, .failed, .failed])
    swarm.changeLeader()
    swarm.advance(by: .seconds(60))
    #expect(swarm.tasks(job).count == 4)
  }

  @Test("a job whose attempts are used up makes no more tasks, also under a new leader")
  func attempts() {
    var swarm = ControlHarness()
    _ = swarm.addNode()
    let job = swarm.create(image: "fail") {
      $0.mode = Self.job(1, atATime: 1)
      $0.task.restart = RestartPolicy(condition: .onFailure, delay: .seconds(1), maxAttempts: 2)
    }
    swarm.advance(by: .seconds(30))
    #expect(swarm.tasks(job).map(\.status.state) == [.failed, .failed, .failed])
    swarm.changeLeader()
    swarm.advance(by: .seconds(30))
    #expect(swarm.tasks(job).count == 3)
  }

  @Test("41: an update is a new run: the tasks of the run before are removed")
  func iteration() throws {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let job = swarm.create { $0.mode = Self.job(4, atATime: 2) }
    swarm.end(try #require(swarm.running(job).first), .complete)
    let before = Set(swarm.tasks(job).map(\.id))
    swarm.update(job) { $0.task.forceUpdate += 1 }
    #expect(swarm.store.service(job)?.jobStatus?.jobIteration == Version(index: 1))
    let now = swarm.wanted(job)
    #expect(now.count == 2)
    #expect(now.allSatisfy { !before.contains($0.id) && $0.jobIteration == Version(index: 1) })
    #expect(swarm.tasks(job).filter { before.contains($0.id) }.allSatisfy { $0.desiredState == .remove })
    swarm.advance(by: .seconds(1))
    #expect(swarm.tasks(job).count == 2)
    #expect(swarm.agents.values.reduce(0) { $0 + $1.held.count } == 2)
  }

  @Test("a new leader goes on with a job where the old one was", arguments: 0...4)
  func leaderChange(committed: Int) throws {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let job = swarm.create(image: "complete") { $0.mode = Self.job(6, atATime: 2) }
    swarm.update(job) { $0.task.runtime = .container(ContainerSpec(image: "run")) }
    for _ in 0..<6 {
      swarm.end(try #require(swarm.running(job).first), .complete)
      swarm.changeLeader(committing: committed)
      swarm.advance(by: .seconds(5))
    }
    #expect(swarm.completed(job).filter { $0.jobIteration == Version(index: 1) }.count == 6)
    swarm.advance(by: .seconds(60))
    #expect(swarm.tasks(job).count == 6)
  }

  @Test("the task of a lost node is made up for at once, and its own completion then counts for nothing more")
  func lostNode() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(2)
    let job = swarm.create { $0.mode = Self.job(1, atATime: 1) }
    guard let node = swarm.running(job).first?.nodeID else { return }
    swarm.kill(node)
    swarm.advance(by: .seconds(3))
    #expect(swarm.running(job).filter { $0.nodeID != node }.count == 1)
    swarm.end(swarm.running(job).first { $0.nodeID != node } ?? SwarmTask(), .complete)
    swarm.revive(node)
    swarm.advance(by: .seconds(10))
    #expect(swarm.completed(job).count == 1)
    #expect(swarm.running(job).isEmpty)
    #expect(nodes.allSatisfy { swarm.agents[$0]?.held.values.contains { $0.state == .running } == false })
  }

  @Test("a completed task stays completed when its node is drained, lost or removed")
  func completedStays() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(2)
    let job = swarm.create(image: "complete") { $0.mode = Self.job(4, atATime: 4) }
    swarm.updateNode(nodes[0]) { $0.availability = .drain }
    swarm.kill(nodes[1])
    swarm.advance(by: .seconds(20))
    swarm.request([.removeNode(nodes[1], force: false)])
    swarm.advance(by: .seconds(20))
    #expect(swarm.tasks(job).count == 4)
    #expect(swarm.tasks(job).allSatisfy { $0.desiredState == .complete && $0.status.state == .complete })
  }

  @Test("42: a global job runs once on each node, also on one that joins later, and not again on one that comes back")
  func global() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(2)
    let job = swarm.create(image: "complete") { $0.mode = .globalJob }
    #expect(swarm.completed(job).compactMap(\.nodeID).sorted() == nodes.sorted())
    let third = swarm.addNode("third")
    #expect(swarm.completed(job).count { $0.nodeID == third } == 1)
    swarm.kill(nodes[0])
    swarm.advance(by: .seconds(10))
    swarm.revive(nodes[0])
    swarm.advance(by: .seconds(10))
    #expect(swarm.tasks(job).count == 3)
    swarm.update(job) { $0.task.forceUpdate += 1 }
    swarm.advance(by: .seconds(1))
    #expect(swarm.completed(job).count == 3)
    #expect(swarm.tasks(job).allSatisfy { $0.jobIteration == Version(index: 1) })
  }

  @Test("a global job waits for a drained node and runs there when it is active again")
  func globalDrained() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(2)
    let job = swarm.create { $0.mode = .globalJob }
    swarm.updateNode(nodes[0]) { $0.availability = .drain }
    #expect(swarm.running(job).map(\.nodeID) == [nodes[1]])
    swarm.updateNode(nodes[0]) { $0.availability = .active }
    #expect(swarm.running(job).count == 2)
  }

  @Test("a removed job leaves no task")
  func remove() throws {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let job = swarm.create { $0.mode = Self.job(5, atATime: 3) }
    swarm.end(try #require(swarm.running(job).first), .complete)
    swarm.request([.removeService(job)])
    swarm.advance(by: .seconds(5))
    #expect(swarm.tasks(job).isEmpty)
  }
}

extension ControlHarness {
  func completed(_ service: ServiceID) -> [SwarmTask] {
    self.tasks(service).filter { $0.status.state == .complete }
  }
}
