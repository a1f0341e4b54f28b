// SPDX-License-Identifier: Apache-2.0

package import EngineSchema

/// Nodes, services and running tasks at one moment, by the names that users know.
package struct SwarmSnapshot: Sendable {
  package var nodes: [Engine.Node]
  package var services: [Engine.Service]
  /// Those that are to run.
  package var tasks: [Engine.Task]

  package init(nodes: [Engine.Node] = [], services: [Engine.Service] = [], tasks: [Engine.Task] = []) {
    self.nodes = nodes
    self.services = services
    self.tasks = tasks
  }

  /// Asks for everything.
  init(of client: EngineClient) async throws {
    self.nodes = try await client.nodes()
    self.services = try await client.services(status: true)
    self.tasks = try await client.tasks(EngineFilters(["desired-state": ["running"]]))
  }

  /// A node's name.
  func hostname(_ id: String) -> String { self.nodes.first { $0.id == id }?.description?.hostname ?? id }

  /// A task's name, as `service ps` has it.
  func name(of task: Engine.Task) -> String {
    let service = self.services.first { $0.id == task.serviceID }?.spec?.name ?? task.serviceID ?? ""
    guard let slot = task.slot, slot != 0 else { return "\(service).\(self.hostname(task.nodeID ?? ""))" }
    return "\(service).\(slot)"
  }
}
