// SPDX-License-Identifier: Apache-2.0

import Foundation
import SwarmAgent
import SwarmModel
import TestTraits
import Testing

@testable import ProcessRuntime

@Suite("Health checks", .takingTurns)
struct HealthCheckTests {
  private func check(_ config: HealthConfig) throws -> HealthCheck { try #require(try HealthCheck(config)) }

  @Test("without a test, or with NONE, there is no check; otherwise Docker's defaults hold")
  func defaults() throws {
    #expect(try HealthCheck(nil) == nil)
    #expect(try HealthCheck(HealthConfig()) == nil)
    #expect(try HealthCheck(HealthConfig(test: ["NONE"])) == nil)
    let check = try self.check(HealthConfig(test: ["CMD-SHELL", "exit 1"]))
    #expect(check.arguments == ["/bin/sh", "-c", "exit 1"])
    #expect([check.interval, check.timeout, check.startPeriod, check.startInterval] == [30, 30, 0, 5].map { .seconds($0) })
    #expect(check.retries == 3)
    #expect(try self.check(HealthConfig(test: ["CMD", "a", "b"])).arguments == ["a", "b"])
    for test in [["CMD"], ["CMD-SHELL"], ["CMD-SHELL", "a", "b"], ["true"]] {
      #expect(throws: RuntimeError.self) { try HealthCheck(HealthConfig(test: test)) }
    }
  }

  @Test("a task is unhealthy when so many tests in a row fail, and a success starts the count again")
  func retries() throws {
    var state = HealthState(try self.check(HealthConfig(test: ["CMD", "x"], retries: 2)), isHealthy: false)
    #expect(state.tested("exit code 1", age: .zero) == nil)
    #expect(state.tested(nil, age: .zero) == nil)
    #expect(state.isHealthy)
    #expect(state.tested("exit code 1", age: .zero) == nil)
    #expect(
      state.tested("exit code 7", age: .zero) == "unhealthy: 2 health checks in a row failed, the last one with exit code 7"
    )
  }

  @Test("during the start period failures don't count and tests come faster, until the first success")
  func startPeriod() throws {
    let config = HealthConfig(
      test: ["CMD", "x"],
      interval: .seconds(20),
      retries: 1,
      startPeriod: .seconds(60),
      startInterval: .seconds(2)
    )
    var state = HealthState(try self.check(config), isHealthy: false)
    #expect(state.tested("exit code 1", age: .seconds(59)) == nil)
    #expect(state.pause(age: .seconds(59)) == .seconds(2))
    #expect(state.pause(age: .seconds(60)) == .seconds(20))
    var late = state
    #expect(late.tested("exit code 1", age: .seconds(60)) != nil)
    #expect(state.tested(nil, age: .seconds(10)) == nil)
    #expect(state.pause(age: .seconds(10)) == .seconds(20))
    #expect(state.tested("exit code 1", age: .seconds(11)) != nil)
  }

  private func checked(_ script: String, _ test: String, retries: Int32 = 1, timeout: Duration = .seconds(20)) throws -> SwarmTask
  {
    try shellTask(script) { spec in
      spec.healthcheck = HealthConfig(
        test: ["CMD-SHELL", test],
        interval: .milliseconds(20),
        timeout: timeout,
        retries: retries
      )
    }
  }

  @Test("a task counts as started when its check succeeds; the check sees the task's environment and directory")
  func becomesHealthy() async throws {
    try await TestNode.with { node in
      // The check fails until the task has written its file.
      let task = try self.checked("echo $SWARM_TASK_ID > ready; exec sleep 1000", "grep -q $SWARM_TASK_ID ready", retries: 10_000)
      let controller = try await node.controller(task)
      let status = try await controller.launch()
      #expect(status.pid > 1)
      #expect(FileManager.default.fileExists(atPath: "\(node.context.directory(of: task.id))/work/ready"))
      try await controller.shutdown(grace: .zero)
    }
  }

  @Test("a task whose check fails too often doesn't start, and says why")
  func neverHealthy() async throws {
    try await TestNode.with { node in
      let controller = try await node.controller(self.checked("exec sleep 1000", "exit 3", retries: 2))
      try await controller.prepare()
      let error = await #expect(throws: RuntimeError.self) { _ = try await controller.start() }
      #expect(error?.message == "unhealthy: 2 health checks in a row failed, the last one with exit code 3")
      try await controller.terminate()
    }
  }

  @Test("a task that ends before its check succeeds has started and ended")
  func endsEarly() async throws {
    try await TestNode.with { node in
      let controller = try await node.controller(self.checked("exit 5", "exit 1", retries: 10_000))
      let status = try await controller.launch()
      #expect(status.exitCode == 5)
      #expect(try await controller.wait().exitCode == 5)
    }
  }

  @Test("a running task that turns unhealthy is told")
  func turnsUnhealthy() async throws {
    try await TestNode.with { node in
      let task = try shellTask("touch ok; exec sleep 1000") { spec in
        spec.healthcheck = HealthConfig(test: ["CMD-SHELL", "test -e ok && rm ok"], interval: .milliseconds(20), retries: 1)
      }
      let controller = try await node.controller(task)
      try await controller.prepare()
      // The first test may come before the file; either way the task is told to be unhealthy in the end.
      let error = await #expect(throws: RuntimeError.self) {
        _ = try await controller.start()
        _ = try await controller.wait()
      }
      #expect(error?.message.hasPrefix("unhealthy") == true)
      try await controller.terminate()
    }
  }

  @Test("a check that doesn't answer in time has failed, and nothing of it is left")
  func hangs() async throws {
    try await TestNode.with { node in
      let controller = try await node.controller(self.checked("exec sleep 1000", "sleep 1000", timeout: .milliseconds(200)))
      try await controller.prepare()
      let error = await #expect(throws: RuntimeError.self) { _ = try await controller.start() }
      #expect(error?.message.contains("no answer within") == true)
      try await controller.terminate()
    }
  }

  @Test("a task that is stopped during a check takes the check with it")
  func stoppedDuringCheck() async throws {
    try await TestNode.with { node in
      let controller = try await node.controller(self.checked("exec sleep 1000", "touch begun; exec sleep 1000"))
      try await controller.prepare()
      let starting = Task { try await controller.start() }
      let mark = "\(node.context.directory(of: try self.checked("", "").id))/work/begun"
      while !FileManager.default.fileExists(atPath: mark) { await Task.yield() }
      starting.cancel()
      _ = try? await starting.value
      try await controller.terminate()
      #expect(node.leftovers() == [])
    }
  }
}
