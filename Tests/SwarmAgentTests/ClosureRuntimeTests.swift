// SPDX-License-Identifier: Apache-2.0

internal import SwarmAgent
internal import SwarmModel
internal import Testing

@Suite("ClosureRuntime", .timeLimit(.minutes(1)))
struct ClosureRuntimeTests {
  let id = AgentHost.id(1)

  func runtime(_ body: @escaping ClosureRuntime.Body) -> ClosureRuntime {
    ClosureRuntime(description: InMemoryRuntime.defaultDescription, images: ["job": body])
  }

  func task(_ desired: TaskState = .running, env: [String] = [], image: String = "job:1.0") -> SwarmTask {
    AgentHost.task(desired: desired, container: ContainerSpec(image: image, args: ["x"], env: env))
  }

  @Test("a closure that returns completes its task, whatever the image's tag")
  func completes() async throws {
    try await AgentHost.with(ScriptedManagers(), self.runtime { _ in }) { host, _ in
      try await host.running { _ in
        host.managers.assign(self.task())
        await host.managers.until(self.id, is: .complete)
      }
    }
  }

  @Test("the ports of a task in host mode whose numbers are given are reported while it runs")
  func ports() async throws {
    let runtime = self.runtime { _ in try await Task.sleep(for: .seconds(3600)) }
    try await AgentHost.with(ScriptedManagers(), runtime) { host, _ in
      try await host.running { _ in
        var task = self.task()
        let port = PortConfig(targetPort: 80, publishedPort: 8080, publishMode: .host)
        task.endpoint = Endpoint(ports: [
          port, PortConfig(targetPort: 81, publishMode: .host), PortConfig(targetPort: 82, publishedPort: 8082),
        ])
        host.managers.assign(task)
        await host.managers.until(self.id, is: .running)
        #expect(host.managers.now.status(self.id)?.portStatus == PortStatus(ports: [port]))
        task.desiredState = .shutdown
        host.managers.assign(task)
        await host.managers.until(self.id, is: .shutdown)
        #expect(host.managers.now.status(self.id)?.portStatus == nil)
      }
    }
  }

  @Test("a closure that throws fails its task")
  func fails() async throws {
    try await AgentHost.with(ScriptedManagers(), self.runtime { _ in throw ClosureExit(code: 9) }) { host, _ in
      try await host.running { _ in
        host.managers.assign(self.task())
        await host.managers.until(self.id, is: .failed)
        #expect(host.managers.now.status(self.id)?.err == "task: non-zero exit (9)")
      }
    }
  }

  @Test("stopping a task cancels its closure")
  func cancels() async throws {
    let runtime = self.runtime { _ in try await Task.sleep(for: .seconds(3600)) }
    try await AgentHost.with(ScriptedManagers(), runtime) { host, _ in
      try await host.running { _ in
        host.managers.assign(self.task())
        await host.managers.until(self.id, is: .running)
        host.managers.assign(self.task(.shutdown))
        await host.managers.until(self.id, is: .shutdown)
      }
    }
  }

  @Test("an unknown image is rejected")
  func unknownImage() async throws {
    try await AgentHost.with(ScriptedManagers(), self.runtime { _ in }) { host, _ in
      try await host.running { _ in
        host.managers.assign(self.task(image: "nix"))
        await host.managers.until(self.id, is: .rejected)
        #expect(host.managers.now.status(self.id)?.err == "No such image: nix")
      }
    }
  }

  @Test("a closure gets its arguments and environment, and its lines can be read")
  func logs() async throws {
    let runtime = self.runtime { task in
      task.print("\(task.arguments) \(task.environment["SLOT"] ?? "")")
      task.print("oh", to: .stderr)
    }
    try await AgentHost.with(ScriptedManagers(), runtime) { host, _ in
      try await host.running { agent in
        host.managers.assign(self.task(env: ["SLOT={{.Task.Slot}}"]))
        await host.managers.until(self.id, is: .complete)
        let all = try await self.lines(agent.logs(of: self.id))
        #expect(all == ["[\"x\"] 1\n", "oh\n"])
        let last = try await self.lines(agent.logs(of: self.id, LogOptions(tail: 1)))
        #expect(last == ["oh\n"])
        let output = try await self.lines(agent.logs(of: self.id, LogOptions(streams: [.stdout])))
        #expect(output == ["[\"x\"] 1\n"])
        await #expect(throws: RuntimeError.self) { try await self.lines(agent.logs(of: AgentHost.id(2))) }
      }
    }
  }

  @Test("a reader that follows gets lines as they come, until the task ends")
  func follow() async throws {
    let (steps, go) = AsyncStream<Void>.makeStream()
    let runtime = self.runtime { task in
      var number = 0
      for await _ in steps {
        number += 1
        task.print("\(number)")
      }
    }
    try await AgentHost.with(ScriptedManagers(), runtime) { host, _ in
      try await host.running { agent in
        host.managers.assign(self.task())
        await host.managers.until(self.id, is: .running)
        var lines: [String] = []
        go.yield()
        for try await record in agent.logs(of: self.id, LogOptions(follow: true)) {
          lines.append(String(decoding: record.bytes, as: UTF8.self))
          if lines.count < 3 { go.yield() } else { go.finish() }
        }
        #expect(lines == ["1\n", "2\n", "3\n"])
      }
    }
  }

  private func lines(_ stream: LogStream) async throws -> [String] {
    var lines: [String] = []
    for try await record in stream { lines.append(String(decoding: record.bytes, as: UTF8.self)) }
    return lines
  }
}
