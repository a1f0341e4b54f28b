// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

/// The tasks of the swarm.
struct TaskRoutes: Sendable {
  let backend: any SwarmBackend

  var routes: [Route] {
    [
      Route(.get, "tasks", handler: self.list),
      Route(.get, "tasks/*") { call in try .json(await self.shown([self.backend.task(call.reference)])[0]) },
    ]
  }

  private func list(_ call: EngineCall) async throws -> EngineReply {
    let filter = try await TaskFilter(call.query, backend: self.backend)
    return try .json(await self.shown(self.backend.tasks().filter(filter.matches)))
  }

  /// The tasks as the API shows them, each with the networks that its specification, or its service's, names.
  private func shown(_ tasks: [SwarmTask]) async throws -> [Engine.Task] {
    let specs = try await self.servicesWithNetworks(of: tasks)
    let attachments = tasks.map { task in task.spec.value.attachments(in: task.serviceID.flatMap { specs[$0] }) }
    var networks: [String: Network] = [:]
    if !attachments.allSatisfy(\.isEmpty) {
      for network in try await self.backend.networks() { networks[network.id.description] = network }
    }
    return zip(tasks, attachments).map { task, attachments in
      var shown = task.apiValue
      shown.networksAttachments = attachments.compactMap { networks[$0.target]?.taskNetwork }.nonEmpty
      return shown
    }
  }

  /// The services that name networks beside what their tasks are, if there are tasks that name none.
  private func servicesWithNetworks(of tasks: [SwarmTask]) async throws -> [ServiceID: ServiceSpec] {
    guard tasks.contains(where: { $0.spec.value.networks.isEmpty && $0.serviceID != nil }) else { return [:] }
    var specs: [ServiceID: ServiceSpec] = [:]
    for service in try await self.backend.services() where !service.spec.networks.isEmpty { specs[service.id] = service.spec }
    return specs
  }
}
