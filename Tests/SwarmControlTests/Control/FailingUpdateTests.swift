// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

@Suite("Updates to what never runs")
struct FailingUpdateTests {
  @Test("start-first leaves the old task alone when the attempts of the new one are used up")
  func startFirstGivesUp() {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let service = swarm.create {
      $0.update = UpdateConfig(failureAction: .continue, monitor: .seconds(1), order: .startFirst)
      $0.task.restart = RestartPolicy(delay: .seconds(4), maxAttempts: 1)
    }
    swarm.update(service, setImage("reject"))
    swarm.advance(by: .seconds(3))
    #expect(swarm.store.service(service)?.updateStatus?.state == .updating, "it is tried once more")
    swarm.advance(by: .seconds(60))
    #expect(swarm.tasks(service).count { $0.status.state == .rejected } == 2)
    #expect(swarm.images(service) == ["run"])
    #expect(swarm.store.service(service)?.updateStatus?.state == .completed)
  }

  @Test("a rollback, too, leaves the running task alone when the attempts are used up, but counts no ends from before the update")
  func rollbackGivesUp() {
    var swarm = ControlHarness()
    swarm.invariants.isStartFirstAllowed = true
    _ = swarm.addNodes(2)
    let service = swarm.create(image: "reject") {
      $0.rollback = UpdateConfig(failureAction: .continue, order: .startFirst)
      $0.task.restart = RestartPolicy(delay: .seconds(1), maxAttempts: 1)
    }
    swarm.advance(by: .seconds(10))
    swarm.update(service, setImage("run"))
    swarm.advance(by: .seconds(30))
    #expect(swarm.images(service) == ["run"])
    guard let spec = swarm.store.service(service)?.spec else { return }
    swarm.request([.updateService(service, expected: nil, spec, isRollback: true)])
    let version = swarm.store.service(service)?.specVersion
    var rejected: Set<TaskID> = []
    for _ in 0..<40 {
      swarm.advance(by: .seconds(1))
      let ended = swarm.tasks(service).filter { $0.specVersion == version && $0.status.state == .rejected }
      rejected.formUnion(ended.map(\.id))
    }
    #expect(rejected.count == 2)
    #expect(swarm.images(service) == ["run"])
    #expect(swarm.store.service(service)?.updateStatus?.state == .rollbackCompleted)
  }

  @Test("start-first tries what can't be prepared again only after the restart delay")
  func startFirstRetries() {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let service = swarm.create {
      $0.update = UpdateConfig(failureAction: .continue, order: .startFirst)
      $0.task.restart = RestartPolicy(delay: .seconds(10))
    }
    let old = swarm.running(service).map(\.id)
    swarm.update(service, setImage("reject"))
    let entries = swarm.log.count
    swarm.advance(by: .seconds(35))
    #expect(!swarm.isStuck)
    #expect(swarm.log.count - entries <= 12)
    #expect(swarm.running(service).map(\.id) == old)
  }

  @Test("34: an update isn't complete while an old task runs on because the new one waits for its turn")
  func oldTaskRunsOn() {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let service = swarm.create {
      $0.update = UpdateConfig(failureAction: .continue, monitor: .seconds(1), order: .startFirst)
      $0.task.restart = RestartPolicy(delay: .seconds(30))
    }
    swarm.update(service, setImage("reject"))
    swarm.advance(by: .seconds(20))
    #expect(swarm.images(service) == ["run"])
    #expect(swarm.store.service(service)?.updateStatus?.state == .updating)
    swarm.update(service, setImage("new"))
    swarm.advance(by: .seconds(2))
    #expect(swarm.images(service) == ["new"])
    #expect(swarm.store.service(service)?.updateStatus?.state == .completed)
  }

  @Test(
    "an update that failed is rolled back, or paused, although the first proposal to do so is lost",
    arguments: [UpdateConfig.FailureAction.rollback, .pause]
  )
  func lostVerdict(action: UpdateConfig.FailureAction) {
    var (swarm, service) = updating(UpdateConfig(parallelism: 1, failureAction: action, monitor: .seconds(5)), replicas: 3)
    swarm.losesNext = { entry in
      entry.changes.contains { change in
        guard case .updateStatus(_, _, let status) = change else { return false }
        return status?.state == .rollbackStarted || status?.state == .paused
      }
    }
    swarm.update(service, setImage("new"))
    swarm.settle()
    #expect(swarm.images(service) == ["new", "new", "new"])
    if let task = swarm.running(service).first { swarm.end(task) }
    swarm.advance(by: .seconds(60))
    #expect(swarm.losesNext == nil)
    #expect(swarm.store.service(service)?.updateStatus?.state == (action == .pause ? .paused : .rollbackCompleted))
  }

  /// How a user goes on with a paused update.
  enum Resumption: CaseIterable, Sendable {
    case another, same, rollback
  }

  @Test("26: a paused update rests until the user says how it goes on", arguments: Resumption.allCases)
  func resumed(how: Resumption) throws {
    var (swarm, service) = updating(UpdateConfig(parallelism: 1, delay: .seconds(10), monitor: .seconds(20)))
    swarm.update(service, setImage("new"))
    swarm.end(try #require(swarm.running(service).first { $0.spec.value.container?.image == "new" }))
    swarm.advance(by: .seconds(100))
    #expect(swarm.store.service(service)?.updateStatus?.state == .paused)
    #expect(swarm.images(service) == ["new", "run", "run", "run"])
    let spec = try #require(swarm.store.service(service)).spec
    switch how {
    case .another: swarm.update(service, setImage("newer"))
    case .same: swarm.update(service) { _ in }
    case .rollback: swarm.request([.updateService(service, expected: nil, spec, isRollback: true)])
    }
    swarm.settle()
    #expect(swarm.store.service(service)?.updateStatus?.state == (how == .rollback ? .rollbackStarted : .updating))
    swarm.advance(by: .seconds(100))
    let image = how == .another ? "newer" : how == .same ? "new" : "run"
    #expect(swarm.images(service) == [String](repeating: image, count: 4))
    #expect(swarm.store.service(service)?.updateStatus?.state == (how == .rollback ? .rollbackCompleted : .completed))
  }

  @Test("an update whose tasks fail faster than their slots can be looked at is paused all the same")
  func failsFast() {
    var swarm = ControlHarness(configuration: ControlConfiguration(slotsPerTurn: 1))
    _ = swarm.addNodes(3)
    let service = swarm.create(replicas: 20) {
      $0.update = UpdateConfig(parallelism: 0, monitor: .seconds(30))
      $0.task.restart = RestartPolicy(delay: .zero)
    }
    swarm.update(service, setImage("new"))
    #expect(swarm.images(service) == [String](repeating: "new", count: 20))
    let entries = swarm.log.count
    for node in swarm.agents.keys.sorted() {
      let reports = swarm.running(service).filter { $0.nodeID == node }.flatMap { task in
        swarm.agents[node]?.end(task.id, .failed) ?? []
      }
      swarm.report(reports, node)
    }
    swarm.settle()
    #expect(swarm.store.service(service)?.updateStatus?.state == .paused)
    let created = swarm.log.dropFirst(entries)
      .prefix { entry in !entry.changes.contains { if case .updateStatus = $0 { true } else { false } } }
      .flatMap(\.changes)
      .count { if case .createTasks = $0 { true } else { false } }
    #expect(created < 5, "the update ends when a task has failed, not when all slots were looked at")
  }
}
