// SPDX-License-Identifier: Apache-2.0

package import EngineSchema

/// What `top` shows: nodes, services and tasks with what they use, the busiest tasks first.
package struct TopScreen: Sendable {
  package var swarm: SwarmSnapshot
  package var usage: UsageMeter
  /// The time of day.
  package var now: EngineTime

  package init(swarm: SwarmSnapshot, usage: UsageMeter, now: EngineTime) {
    self.swarm = swarm
    self.usage = usage
    self.now = now
  }

  /// The lines of the screen.
  ///
  /// - Parameter size: where they have to fit in; everything is shown without one.
  package func lines(fitting size: ScreenSize? = nil) -> [String] {
    var lines = [self.summary, ""] + self.nodes + [""] + self.services + [""] + self.tasks
    guard let size else { return lines }
    // The last line stays free: a line end there would move all others up.
    let rows = max(Int(size.rows) - 1, 1)
    if lines.count > rows {
      let hidden = lines.count - rows + 1
      lines = lines.prefix(rows - 1) + ["… \(hidden) more"]
    }
    return lines.map { HumanText.ellipsis($0, max(Int(size.columns), 1)) }
  }

  private var summary: String {
    let running = self.swarm.tasks.count { $0.status?.state == "running" }
    let ready = self.swarm.nodes.count { $0.status?.state == "ready" }
    return [
      "\(self.now.fixedText.prefix(19).split(separator: "T").last ?? "") UTC",
      "nodes: \(ready) of \(self.swarm.nodes.count) ready",
      "services: \(self.swarm.services.count)",
      "tasks: \(running) of \(self.swarm.tasks.count) running",
    ].joined(separator: "   ")
  }

  private var nodes: [String] {
    let rows = self.swarm.nodes.map { node in
      let reading = self.usage.nodes[node.id ?? ""]
      return [
        node.description?.hostname ?? node.id ?? "",
        HumanText.title(node.status?.state ?? ""),
        HumanText.title(node.spec?.availability ?? ""),
        node.managerStatus.map { $0.leader ?? false ? "Leader" : HumanText.title($0.reachability ?? "manager") } ?? "",
        String(self.swarm.tasks.count { $0.nodeID == node.id && $0.status?.state == "running" }),
        reading?.cpuText ?? "--",
        reading?.memoryText ?? "--",
      ]
    }
    return Table(
      headings: ["NODE", "STATUS", "AVAILABILITY", "MANAGER", "TASKS", "CPU %", "MEM USAGE / TOTAL"],
      rows: rows.sorted { NaturalOrder.areInOrder($0[0], $1[0]) }
    ).lines
  }

  private var services: [String] {
    let rows = self.swarm.services.map { service in
      let readings = self.swarm.tasks.filter { $0.serviceID == service.id }.compactMap { self.usage.tasks[$0.id ?? ""] }
      let cpu = readings.compactMap(\.cpu)
      let status = service.serviceStatus
      return [
        service.spec?.name ?? "",
        service.spec?.mode?.word ?? "",
        "\(status?.runningTasks ?? 0)/\(status?.desiredTasks ?? 0)",
        cpu.isEmpty ? "--" : HumanText.percent(cpu.reduce(0, +)),
        readings.isEmpty ? "--" : HumanText.bytes(readings.reduce(0) { $0 + $1.memory }),
      ]
    }
    return Table(
      headings: ["SERVICE", "MODE", "REPLICAS", "CPU %", "MEM USAGE"],
      rows: rows.sorted { NaturalOrder.areInOrder($0[0], $1[0]) }
    ).lines
  }

  private var tasks: [String] {
    let tasks = self.swarm.tasks.map { (task: $0, name: self.swarm.name(of: $0), reading: self.usage.tasks[$0.id ?? ""]) }
      .sorted { a, b in
        let (left, right) = (a.reading?.cpu ?? -1, b.reading?.cpu ?? -1)
        return left == right ? NaturalOrder.areInOrder(a.name, b.name) : left > right
      }
    return Table(
      headings: ["TASK", "ID", "NODE", "STATE", "CPU %", "MEM USAGE / LIMIT", "PIDS"],
      rows: tasks.map { task, name, reading in
        [
          name,
          HumanText.shortID(task.id ?? ""),
          task.nodeID.map(self.swarm.hostname) ?? "",
          HumanText.title(task.status?.state ?? ""),
          reading?.cpuText ?? "--",
          reading?.memoryText ?? "--",
          reading?.processes.map { String($0) } ?? "--",
        ]
      }
    ).lines
  }
}
