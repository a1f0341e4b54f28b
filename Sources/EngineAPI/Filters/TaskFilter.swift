// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

/// The filters of `GET /tasks`, with the names in them resolved.
struct TaskFilter: Sendable {
  private let filters: EngineFilters
  private let services: Set<ServiceID>
  private let nodes: Set<NodeID>
  private let desiredStates: Set<TaskState>
  /// Every service as it is now, when only tasks that follow its specification are asked for.
  private let current: [ServiceID: Service]?

  /// Reads the filters, and resolves names of services and nodes.
  ///
  /// - Throws: A failure with status 404 when a service or node doesn't exist.
  init(_ query: Query, backend: any SwarmBackend) async throws {
    self.filters = try query.filters(
      allowing: ["id", "name", "service", "node", "label", "desired-state", "_up-to-date", "runtime"]
    )
    var services: Set<ServiceID> = []
    for reference in self.filters["service"] { services.insert(try await backend.service(reference).id) }
    self.services = services
    var nodes: Set<NodeID> = []
    for reference in self.filters["node"] { nodes.insert(try await backend.node(reference).id) }
    self.nodes = nodes
    self.desiredStates = Set(
      try self.filters["desired-state"].map { name in
        guard let state = TaskState.engineNames.value(name) else {
          throw APIFailure(status: 500, message: "Invalid desired-state filter: '\(name)'")
        }
        return state
      }
    )
    if self.filters["_up-to-date"].contains(where: { $0 == "true" || $0 == "1" }) {
      let services = try await backend.services()
      self.current = Dictionary(services.map { ($0.id, $0) }) { first, _ in first }
    } else {
      self.current = nil
    }
  }

  func matches(_ task: SwarmTask) -> Bool {
    if !self.services.isEmpty, !(task.serviceID.map(self.services.contains) ?? false) { return false }
    if !self.nodes.isEmpty, !(task.nodeID.map(self.nodes.contains) ?? false) { return false }
    if !self.desiredStates.isEmpty, !self.desiredStates.contains(task.desiredState) { return false }
    if let current, let service = task.serviceID, !(current[service].map(task.follows) ?? false) { return false }
    return self.filters.allow("id") { task.id.description.hasPrefix($0) }
      && self.filters.allow("name") { task.fullName.hasPrefix($0) }
      && self.filters.require("label") { task.serviceAnnotations.labels.match($0) || task.annotations.labels.match($0) }
      && self.filters.allow("runtime") { $0 == "container" && task.spec.value.container != nil }
  }
}

extension SwarmTask {
  /// Whether nothing that concerns the task has changed in its service since it was made.
  ///
  /// Another number of replicas, a label or a placement that its node still has room in leave a task as it is: it isn't replaced, so clients
  /// that wait for the new specification count it.
  fileprivate func follows(_ service: Service) -> Bool {
    if self.specVersion == service.specVersion { return true }
    var own = self.spec.value
    own.placement = service.spec.task.placement
    return own == service.spec.task && Self.hostPorts(self.endpoint?.spec) == Self.hostPorts(service.spec.endpoint)
  }

  private static func hostPorts(_ endpoint: EndpointSpec?) -> [PortConfig] {
    (endpoint?.ports ?? []).filter { $0.publishMode == .host }
  }

  /// `service.slot.id`, or `service.node.id` in a global service.
  fileprivate var fullName: String {
    if !self.annotations.name.isEmpty { return self.annotations.name }
    let place = self.apiSlot == 0 ? (self.nodeID?.description ?? "") : String(self.apiSlot)
    return "\(self.serviceAnnotations.name).\(place).\(self.id)"
  }
}
