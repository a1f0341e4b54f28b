// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import SwarmCommands
import Testing

@Suite("what nodes and tasks use")
struct UsageTests {
  /// A measurement of one node with one task, from a second of the clock on.
  private static func usage(at second: Int64, nodeCPU: Int64, taskCPU: Int64?) -> Engine.NodeUsage {
    var node = Engine.NodeUsage()
    node.nodeID = "n1"
    node.time = second * 1_000_000_000
    node.processors = 2
    node.cpuNanoseconds = nodeCPU
    node.memoryBytes = 3 << 30
    node.memoryTotal = 8 << 30
    if let taskCPU {
      var task = Engine.TaskUsage()
      task.taskID = "t1"
      task.cpuNanoseconds = taskCPU
      task.memoryBytes = 1_572_864
      task.memoryLimit = 64 << 20
      task.processes = 3
      node.tasks = [task]
    }
    return node
  }

  @Test("how busy something is shows between two measurements, in hundredths of one processor")
  func rates() {
    var meter = UsageMeter()
    meter.measure([Self.usage(at: 10, nodeCPU: 5_000_000_000, taskCPU: 100_000_000)])
    #expect(meter.nodes["n1"]?.cpu == nil && meter.tasks["t1"]?.cpu == nil)
    meter.measure([Self.usage(at: 12, nodeCPU: 8_000_000_000, taskCPU: 600_000_000)])
    #expect(meter.nodes["n1"] == UsageMeter.Reading(cpu: 150, memory: 3 << 30, limit: 8 << 30))
    #expect(meter.tasks["t1"] == UsageMeter.Reading(cpu: 25, memory: 1_572_864, limit: 64 << 20, processes: 3))
    #expect(meter.places == ["t1": "n1"])
  }

  @Test("counters that begin anew are no negative work, and what is gone is forgotten")
  func restarts() {
    var meter = UsageMeter()
    meter.measure([Self.usage(at: 10, nodeCPU: 5_000_000_000, taskCPU: 100)])
    meter.measure([Self.usage(at: 11, nodeCPU: 1_000, taskCPU: nil)])
    #expect(meter.nodes["n1"]?.cpu == 0)
    #expect(meter.tasks.isEmpty && meter.places.isEmpty)
    meter.measure([Self.usage(at: 11, nodeCPU: 2_000, taskCPU: 7)])
    #expect(meter.nodes["n1"]?.cpu == nil && meter.tasks["t1"]?.cpu == nil)
    meter.measure([])
    #expect(meter.nodes.isEmpty)
  }

  @Test(
    "bytes have four digits at most",
    arguments: [
      (0, "0B"), (999, "999B"), (1024, "1KiB"), (1_572_864, "1.5MiB"), (10_276_044, "9.8MiB"), (67_108_864, "64MiB"),
      (1_288_490_189, "1.2GiB"), (-5, "0B"), (.max, "8EiB"),
    ] as [(Int64, String)]
  )
  func bytes(count: Int64, text: String) {
    #expect(HumanText.bytes(count) == text)
  }

  @Test(
    "percents have two digits behind the point",
    arguments: [(0, "0.00%"), (1.006, "1.01%"), (99.999, "100.00%"), (-1, "0.00%")] as [(Double, String)]
  )
  func percents(value: Double, text: String) {
    #expect(HumanText.percent(value) == text)
  }

  // MARK: - The screen

  private static func screen() -> TopScreen {
    func node(_ id: String, _ name: String, leads: Bool) -> Engine.Node {
      var node = Engine.Node()
      node.id = id
      node.description = Engine.NodeDescription()
      node.description?.hostname = name
      node.status = Engine.NodeStatus()
      node.status?.state = "ready"
      node.spec = Engine.NodeSpec()
      node.spec?.availability = "active"
      if leads {
        node.managerStatus = Engine.ManagerStatus()
        node.managerStatus?.leader = true
      }
      return node
    }
    var service = Engine.Service()
    service.id = "s1"
    service.spec = Engine.ServiceSpec()
    service.spec?.name = "web"
    func task(_ id: String, _ slot: Int64, _ state: String) -> Engine.Task {
      var task = Engine.Task()
      task.id = id
      task.serviceID = "s1"
      task.nodeID = "n1"
      task.slot = UInt64(slot)
      task.status = Engine.TaskStatus()
      task.status?.state = state
      return task
    }
    var meter = UsageMeter()
    meter.measure([Self.usage(at: 10, nodeCPU: 0, taskCPU: 0)])
    meter.measure([Self.usage(at: 11, nodeCPU: 500_000_000, taskCPU: 250_000_000)])
    return TopScreen(
      swarm: SwarmSnapshot(
        nodes: [node("n2", "beta", leads: false), node("n1", "alpha", leads: true)],
        services: [service],
        tasks: [task("t0", 2, "starting"), task("t1", 1, "running")]
      ),
      usage: meter,
      now: EngineTime(seconds: 1_700_000_000, nanoseconds: 0)
    )
  }

  @Test("the screen shows nodes by name, services with the sum of their tasks, and the busiest task first")
  func screen() {
    #expect(
      Self.screen().lines().joined(separator: "\n") == """
        22:13:20 UTC   nodes: 2 of 2 ready   services: 1   tasks: 1 of 2 running

        NODE      STATUS    AVAILABILITY   MANAGER   TASKS     CPU %     MEM USAGE / TOTAL
        alpha     Ready     Active         Leader    1         50.00%    3GiB / 8GiB
        beta      Ready     Active                   0         --        --

        SERVICE   MODE      REPLICAS   CPU %     MEM USAGE
        web                 0/0        25.00%    1.5MiB

        TASK      ID        NODE      STATE      CPU %     MEM USAGE / LIMIT   PIDS
        web.1     t1        alpha     Running    25.00%    1.5MiB / 64MiB      3
        web.2     t0        alpha     Starting   --        --                  --
        """
    )
  }

  @Test(
    "it fits into any terminal, and says how much is hidden",
    arguments: [1, 2, 5, 11, 12, 100] as [UInt16],
    [1, 10, 200] as [UInt16]
  )
  func fits(rows: UInt16, columns: UInt16) {
    let all = Self.screen().lines()
    let lines = Self.screen().lines(fitting: ScreenSize(columns: columns, rows: rows))
    #expect(lines.count <= max(Int(rows) - 1, 1))
    #expect(lines.allSatisfy { $0.count <= Int(columns) })
    if lines.count < all.count, columns > 20 { #expect(lines.last == "… \(all.count - lines.count + 1) more") }
    if rows > 12, columns == 200 { #expect(lines == all) }
  }
}
