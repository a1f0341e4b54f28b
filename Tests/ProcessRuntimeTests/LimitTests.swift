// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProcessRuntime
import SwarmAgent
import SwarmModel
import TestTraits
import Testing

@Suite("Limits of process tasks", .takingTurns, .timeLimit(.minutes(2)))
struct LimitTests {
  private static func limited(_ task: SwarmTask, memory: Int64 = 0, nanoCPUs: Int64 = 0) -> SwarmTask {
    var task = task
    var spec = task.spec.value
    spec.resources = ResourceRequirements(limits: Resources(nanoCPUs: nanoCPUs, memoryBytes: memory))
    task.spec = TaskSpecBox(spec)
    return task
  }

  /// Ordinary files that look like a control group of the kernel's.
  private static func withImitation(
    _ controllers: String = "cpu memory pids",
    _ body: (TestNode, _ group: String) async throws -> Void
  ) async throws {
    let parent = "\(NSTemporaryDirectory())swarm-groups-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: parent) }
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    let configuration = ProcessRuntimeConfiguration(controlGroups: .directory(parent))
    let probe = try TestNode(configuration: configuration)
    let group = "\(parent)/\(probe.id)"
    try FileManager.default.createDirectory(atPath: group, withIntermediateDirectories: true)
    try Data(controllers.utf8).write(to: URL(fileURLWithPath: "\(group)/cgroup.subtree_control"))
    try await probe.runtime.open(probe.context)
    do {
      try await body(probe, group)
    } catch {
      try? await Self.close(probe)
      throw error
    }
    try await Self.close(probe)
  }

  private static func close(_ node: TestNode) async throws {
    for task in try await node.runtime.knownTasks() { try await node.runtime.discard(task) }
    await node.runtime.close()
    #expect(node.leftovers() == [])
    try FileManager.default.removeItem(atPath: node.context.directory)
  }

  /// Makes the files of a task's group, which the kernel would make.
  private static func makeFiles(_ task: SwarmTask, in group: String) throws {
    let directory = "\(group)/\(task.id)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    for file in ["cgroup.procs", "memory.max", "memory.swap.max", "cpu.max", "pids.max", "memory.events"] {
      try Data().write(to: URL(fileURLWithPath: "\(directory)/\(file)"))
    }
  }

  private static func value(_ file: String, _ task: SwarmTask, in group: String) throws -> String {
    try String(contentsOf: URL(fileURLWithPath: "\(group)/\(task.id)/\(file)"), encoding: .utf8)
  }

  @Test("limits become settings of the task's control group, and the task enters it, as commands beside it do")
  func settings() async throws {
    try await Self.withImitation { node, group in
      let spec = Self.limited(
        try shellTask("echo ready; exec sleep 1000") { $0.pidsLimit = 20 },
        memory: 64 << 20,
        nanoCPUs: 500_000_000
      )
      try Self.makeFiles(spec, in: group)
      let task = try await node.controller(spec)
      try await task.launch()
      try await task.waitForLine("ready")
      #expect(task.warnings == [])
      #expect(try Self.value("memory.max", spec, in: group) == "67108864")
      #expect(try Self.value("memory.swap.max", spec, in: group) == "67108864")
      #expect(try Self.value("cpu.max", spec, in: group) == "50000 100000")
      #expect(try Self.value("pids.max", spec, in: group) == "20")
      // Who writes zero is meant.
      #expect(try Self.value("cgroup.procs", spec, in: group) == "0")
      try Data().write(to: URL(fileURLWithPath: "\(group)/\(spec.id)/cgroup.procs"))
      #expect(try await task.exec(ExecRequest(["true"]), input: AsyncThrowingStream { nil }) { _ in } == 0)
      #expect(try Self.value("cgroup.procs", spec, in: group) == "0")
    }
  }

  @Test("a task of which the kernel killed a process for want of memory says so")
  func outOfMemory() async throws {
    try await Self.withImitation { node, group in
      let spec = Self.limited(try shellTask("kill -9 $$"), memory: 64 << 20)
      try Self.makeFiles(spec, in: group)
      let events = "low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n"
      try Data(events.utf8).write(to: URL(fileURLWithPath: "\(group)/\(spec.id)/memory.events"))
      let task = try await node.controller(spec)
      try await task.launch()
      let exit = try await task.wait()
      #expect(exit.oomKilled && exit.exitCode == 137)

      let healthy = try shellTask("true", 2)
      try Self.makeFiles(healthy, in: group)
      let other = try await node.controller(healthy)
      try await other.launch()
      #expect(try await !other.wait().oomKilled)
    }
  }

  @Test("a limit whose controller is missing is a warning, and the task runs")
  func missingController() async throws {
    try await Self.withImitation("memory") { node, group in
      let spec = Self.limited(try shellTask("true") { $0.pidsLimit = 20 }, memory: 64 << 20, nanoCPUs: 1)
      try Self.makeFiles(spec, in: group)
      let task = try await node.controller(spec)
      try await task.launch()
      #expect(try await task.wait().exitCode == 0)
      let warning = try #require(task.warnings.first)
      #expect(warning.hasPrefix("limits of processor time and processes are not enforced: "), "\(warning)")
      #expect(try Self.value("memory.max", spec, in: group) == "67108864")
      #expect(try Self.value("cpu.max", spec, in: group) == "")
    }
  }

  @Test("without control groups limits are a warning, and a task without limits has none")
  func noGroups() async throws {
    try await TestNode.with(ProcessRuntimeConfiguration(controlGroups: .none)) { node in
      let task = try await node.controller(Self.limited(try shellTask("true"), memory: 1 << 20))
      try await task.launch()
      #expect(try await task.wait().exitCode == 0)
      #expect(task.warnings == ["limits of memory are not enforced: control groups are switched off"])
      let plain = try await node.controller(try shellTask("true", 2))
      #expect(plain.warnings == [])
    }
  }

  @Test("a group that can't be entered keeps the task from running")
  func unusableGroup() async throws {
    try await Self.withImitation { node, group in
      let spec = try shellTask("true")
      try FileManager.default.createDirectory(atPath: "\(group)/\(spec.id)", withIntermediateDirectories: true)
      let task = try await node.controller(spec)
      let error = await #expect(throws: RuntimeError.self) { try await task.launch() }
      #expect(error?.message.contains("start the task (group)") == true, "\(String(describing: error))")
    }
  }

  // MARK: - The kernel's own

  /// Why the kernel doesn't enforce limits here; `nil` when it does.
  static let obstacle: String? = {
    let mounts = (try? String(contentsOf: URL(fileURLWithPath: "/proc/self/mountinfo"), encoding: .utf8)) ?? ""
    guard let root = mounts.split(separator: "\n").first(where: { $0.contains(" - cgroup2 ") })?.split(separator: " ")[4] else {
      return "no control groups of version 2"
    }
    let controllers = (try? String(contentsOf: URL(fileURLWithPath: "\(root)/cgroup.controllers"), encoding: .utf8)) ?? ""
    for controller in ["memory", "cpu", "pids"] where !controllers.contains(controller) {
      return "the control groups of version 2 don't have the controller \(controller)"
    }
    let group = "\(root)/swift-swarm-\(UUID().uuidString)"
    guard unsafe mkdir(group, 0o755) == 0 else { return "no control groups can be made" }
    unsafe rmdir(group)
    return nil
  }()

  @Test(
    "the kernel kills a task that takes too much memory, and it is reported",
    .enabled(if: obstacle == nil, "\(obstacle ?? "")")
  )
  func memory() async throws {
    try await TestNode.with { node in
      let spec = Self.limited(try shellTask("exec tail /dev/zero"), memory: 32 << 20)
      let task = try await node.controller(spec)
      try await task.launch()
      let exit = try await task.wait()
      #expect(exit.oomKilled)
      #expect(exit.exitCode == 137)
    }
  }

  @Test("the kernel refuses processes beyond the limit", .enabled(if: obstacle == nil, "\(obstacle ?? "")"))
  func processes() async throws {
    try await TestNode.with { node in
      let script = "for i in 1 2 3 4 5 6 7 8 9 10; do sleep 100 & done; true"
      let task = try await node.controller(try shellTask(script) { $0.pidsLimit = 5 })
      try await task.launch()
      _ = try await task.wait()
      #expect(try await task.output().contains { $0.contains("fork") })
    }
  }
}
