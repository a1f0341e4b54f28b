// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import SwarmCommands
import Testing

@Suite("Convergence")
struct ConvergenceTests {
  private static func service(replicas: UInt64? = 2, update: String? = nil) -> Engine.Service {
    var service = Engine.Service()
    service.id = "s"
    service.spec = Engine.ServiceSpec()
    service.spec?.mode = Engine.ServiceMode()
    if let replicas {
      service.spec?.mode?.replicated = Engine.Replicated()
      service.spec?.mode?.replicated?.replicas = replicas
    } else {
      service.spec?.mode?.global = Engine.Empty()
    }
    if let update {
      service.updateStatus = Engine.UpdateStatus()
      service.updateStatus?.state = update
      service.updateStatus?.message = "because"
    }
    return service
  }

  private static func task(
    _ slot: UInt64,
    _ state: String,
    desired: String = "running",
    node: String? = "n1",
    error: String? = nil
  ) -> Engine.Task {
    var task = Engine.Task()
    task.id = "t\(slot)\(state)"
    task.slot = slot
    task.nodeID = node
    task.desiredState = desired
    task.status = Engine.TaskStatus()
    task.status?.state = state
    task.status?.err = error
    return task
  }

  private static func look(_ service: Engine.Service, _ tasks: [Engine.Task], at second: Int64, live: Set<String> = ["n1", "n2"])
    -> Convergence.Look
  {
    Convergence.Look(service: service, tasks: tasks, liveNodes: live, time: EngineTime(seconds: second, nanoseconds: 0))
  }

  @Test("a service has converged when all tasks have run for the monitor time")
  func converges() {
    var convergence = Convergence()
    let service = Self.service()
    let one = [Self.task(1, "running"), Self.task(2, "starting")]
    let both = [Self.task(1, "running"), Self.task(2, "running")]
    #expect(convergence.step(Self.look(service, one, at: 0)) == .wait("overall progress: 1 out of 2 tasks"))
    #expect(convergence.step(Self.look(service, both, at: 1)) == .wait("overall progress: 2 out of 2 tasks"))
    #expect(convergence.step(Self.look(service, both, at: 5)) == .wait("overall progress: 2 out of 2 tasks"))
    #expect(convergence.step(Self.look(service, both, at: 6)) == .done("verify: Service s converged"))
  }

  @Test("a task that fails while it is watched starts the time over")
  func startsOver() {
    var convergence = Convergence()
    let service = Self.service(replicas: 1)
    _ = convergence.step(Self.look(service, [Self.task(1, "running")], at: 0))
    let failing = [Self.task(1, "failed", desired: "shutdown"), Self.task(1, "pending", node: nil, error: "no suitable node")]
    #expect(
      convergence.step(Self.look(service, failing, at: 4)) == .wait("overall progress: 0 out of 1 tasks (no suitable node)")
    )
    _ = convergence.step(Self.look(service, [Self.task(1, "running")], at: 6))
    guard case .wait = convergence.step(Self.look(service, [Self.task(1, "running")], at: 10)) else {
      Issue.record("the time wasn't started over")
      return
    }
    #expect(convergence.step(Self.look(service, [Self.task(1, "running")], at: 11)) == .done("verify: Service s converged"))
  }

  @Test("tasks on nodes that are down don't count")
  func downNodes() {
    var convergence = Convergence()
    let tasks = [Self.task(1, "running", node: "gone"), Self.task(2, "running")]
    #expect(
      convergence.step(Self.look(Self.service(), tasks, at: 0, live: ["n1"])) == .wait("overall progress: 1 out of 2 tasks")
    )
  }

  @Test("a global service waits for one task per node, and for the first at all")
  func global() {
    var convergence = Convergence()
    let service = Self.service(replicas: nil)
    #expect(convergence.step(Self.look(service, [], at: 0)) == .wait("overall progress: 0 out of 0 tasks"))
    #expect(convergence.step(Self.look(service, [], at: 9)) == .wait("overall progress: 0 out of 0 tasks"))
    let tasks = [Self.task(0, "running", node: "n1"), Self.task(0, "running", node: "n2")]
    _ = convergence.step(Self.look(service, tasks, at: 10))
    #expect(convergence.step(Self.look(service, tasks, at: 15)) == .done("verify: Service s converged"))
  }

  @Test("a service of no tasks converges")
  func zero() {
    var convergence = Convergence()
    _ = convergence.step(Self.look(Self.service(replicas: 0), [], at: 0))
    #expect(convergence.step(Self.look(Self.service(replicas: 0), [], at: 5)) == .done("verify: Service s converged"))
  }

  @Test(
    "a paused update ends the wait with its reason",
    arguments: [("paused", "service update paused: because"), ("rollback_paused", "service rollback paused: because")]
  )
  func paused(state: String, text: String) {
    var convergence = Convergence()
    #expect(convergence.step(Self.look(Self.service(update: state), [], at: 0)) == .failed(text))
  }

  @Test("an update under way isn't converged, whatever runs")
  func updating() {
    var convergence = Convergence()
    let both = [Self.task(1, "running"), Self.task(2, "running")]
    #expect(
      convergence.step(Self.look(Self.service(update: "updating"), both, at: 0)) == .wait("overall progress: 2 out of 2 tasks")
    )
    guard case .wait = convergence.step(Self.look(Self.service(update: "updating"), both, at: 60)) else {
      Issue.record("converged")
      return
    }
    _ = convergence.step(Self.look(Self.service(update: "rollback_completed"), both, at: 61))
    #expect(
      convergence.step(Self.look(Self.service(update: "rollback_completed"), both, at: 66))
        == .done("verify: Service s converged\nrollback: because")
    )
  }
}
