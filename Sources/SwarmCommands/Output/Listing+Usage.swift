// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

extension Listing {
  /// The rows of `stats`: nodes, and then tasks by their names.
  ///
  /// - Parameter showsNodes: whether nodes have rows of their own.
  init(usage meter: UsageMeter, of swarm: SwarmSnapshot, showsNodes: Bool) {
    self.columns = [
      Column(name: "ID", heading: "ID"), Column(name: "Name", heading: "NAME"), Column(name: "Node", heading: "NODE"),
      Column(name: "CPUPerc", heading: "CPU %"), Column(name: "MemUsage", heading: "MEM USAGE / LIMIT"),
      Column(name: "MemPerc", heading: "MEM %"), Column(name: "PIDs", heading: "PIDS"),
    ]
    var rows: [[String: String]] = []
    if showsNodes {
      let nodes = meter.nodes.map { (id: $0.key, name: swarm.hostname($0.key), reading: $0.value) }
        .sorted { NaturalOrder.areInOrder($0.name, $1.name) }
      rows += nodes.map { Self.row($0.reading, id: $0.id, name: $0.name, node: "") }
    }
    let known = Dictionary(swarm.tasks.map { ($0.id ?? "", $0) }) { first, _ in first }
    let tasks = meter.tasks.map { (id: $0.key, name: known[$0.key].map(swarm.name) ?? $0.key, reading: $0.value) }
      .sorted { NaturalOrder.areInOrder($0.name, $1.name) }
    rows += tasks.map { Self.row($0.reading, id: $0.id, name: $0.name, node: swarm.hostname(meter.places[$0.id] ?? "")) }
    self.rows = rows
  }

  private static func row(_ reading: UsageMeter.Reading, id: String, name: String, node: String) -> [String: String] {
    [
      "ID": HumanText.shortID(id),
      "Name": name,
      "Node": node,
      "CPUPerc": reading.cpuText,
      "MemUsage": reading.memoryText,
      "MemPerc": reading.memoryPercent,
      "PIDs": reading.processes.map { String($0) } ?? "",
    ]
  }
}
