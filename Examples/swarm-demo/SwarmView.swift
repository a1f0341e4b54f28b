// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// What a manager shows of the swarm at one moment.
struct SwarmView {
  let nodes: [Engine.Node]
  let services: [Engine.Service]
  let tasks: [Engine.Task]

  /// The id of the node that leads.
  var leader: String? {
    self.nodes.first { $0.managerStatus?.leader == true }?.id
  }

  /// How many tasks of a service run, those on one node not counted.
  func running(_ service: String, exceptOn node: String? = nil) -> Int {
    self.tasks.count { self.isRunning($0, of: service) && $0.nodeID != node }
  }

  /// How many tasks of a service run an image.
  func running(_ service: String, image: String) -> Int {
    self.tasks.count { self.isRunning($0, of: service) && $0.spec?.containerSpec?.image == image }
  }

  /// How many tasks of a service wait for a node.
  func waiting(_ service: String) -> Int {
    guard let id = self.services.first(where: { $0.spec?.name == service })?.id else { return 0 }
    return self.tasks.count { $0.serviceID == id && $0.status?.state == "pending" }
  }

  /// How far a service's update is.
  func updateState(of service: String) -> String? {
    self.services.first { $0.spec?.name == service }?.updateStatus?.state
  }

  func isRunning(_ task: Engine.Task, of service: String) -> Bool {
    guard let id = self.services.first(where: { $0.spec?.name == service })?.id else { return false }
    return task.serviceID == id && task.status?.state == "running" && task.desiredState == "running"
  }

  /// One line per node: name, role, state, and how many tasks of which service it runs.
  func table(names: [String: String]) -> [String] {
    let services = self.services.compactMap(\.spec?.name).sorted()
    let header = Self.row(["NODE", "ROLE", "STATE"] + services.map { $0.uppercased() })
    let rows = self.nodes.map { node in
      let role = node.managerStatus.map { $0.leader == true ? "leader" : "manager" } ?? "worker"
      let counts = services.map { service in
        String(self.tasks.count { self.isRunning($0, of: service) && $0.nodeID == node.id })
      }
      return Self.row([names[node.id ?? ""] ?? node.id ?? "?", role, node.status?.state ?? "?"] + counts)
    }
    return [header] + rows.sorted()
  }

  private static func row(_ cells: [String]) -> String {
    cells.map { $0 + String(repeating: " ", count: max(1, 12 - $0.count)) }.joined()
  }
}
