// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

extension Listing {
  /// The names by which tasks are shown.
  struct TaskNames: Sendable {
    /// Names of services by id.
    var services: [String: String] = [:]
    /// Host names of nodes by id.
    var nodes: [String: String] = [:]
  }

  /// The rows of `service ps` and `node ps`: by name, and within a name the newest first.
  init(tasks: [Engine.Task], names: TaskNames, now: EngineTime, truncated: Bool) {
    self.columns = [
      Column(name: "ID", heading: "ID"), Column(name: "Name", heading: "NAME"), Column(name: "Image", heading: "IMAGE"),
      Column(name: "Node", heading: "NODE"), Column(name: "DesiredState", heading: "DESIRED STATE"),
      Column(name: "CurrentState", heading: "CURRENT STATE"), Column(name: "Error", heading: "ERROR"),
      Column(name: "Ports", heading: "PORTS"),
    ]
    let named = tasks.map { task in (name: Self.name(of: task, names), task: task) }
      .sorted { a, b in
        if a.name != b.name { return NaturalOrder.areInOrder(a.name, b.name) }
        return (a.task.createdAt ?? .zero) > (b.task.createdAt ?? .zero)
      }
    self.rows = named.map { name, task in Self.row(of: task, name: name, names, now: now, truncated: truncated) }
  }

  /// In tables the history of a slot stands below its task.
  var markingHistory: Listing {
    var marked = self
    for position in marked.rows.indices.dropFirst() where self.rows[position]["Name"] == self.rows[position - 1]["Name"] {
      marked.rows[position]["Name"] = " \\_ \(self.rows[position]["Name"] ?? "")"
    }
    return marked
  }

  private static func row(
    of task: Engine.Task,
    name: String,
    _ names: TaskNames,
    now: EngineTime,
    truncated: Bool
  ) -> [String: String] {
    let image = task.spec?.containerSpec?.image ?? ""
    var error = task.status?.err ?? ""
    if truncated { error = HumanText.ellipsis(error, 30) }
    let state = HumanText.title(task.status?.state ?? "")
    return [
      "ID": truncated ? HumanText.shortID(task.id ?? "") : task.id ?? "",
      "Name": name,
      "Image": truncated ? HumanText.image(image) : image,
      "Node": names.nodes[task.nodeID ?? ""] ?? task.nodeID ?? "",
      "DesiredState": HumanText.title(task.desiredState ?? ""),
      "CurrentState": "\(state) \(HumanText.ago(task.status?.timestamp ?? .zero, now: now).lowercased())",
      "Error": error.isEmpty ? "" : "\"\(error)\"",
      "Ports": Self.ports(of: task),
    ]
  }

  private static func name(of task: Engine.Task, _ names: TaskNames) -> String {
    let service = names.services[task.serviceID ?? ""] ?? task.serviceID ?? ""
    guard let slot = task.slot, slot != 0 else { return "\(service).\(task.nodeID ?? "")" }
    return "\(service).\(slot)"
  }

  private static func ports(of task: Engine.Task) -> String {
    (task.status?.portStatus?.ports ?? [])
      .map { "*:\($0.publishedPort ?? 0)->\($0.targetPort ?? 0)/\($0.protocol ?? "tcp")" }
      .joined(separator: ",")
  }
}
