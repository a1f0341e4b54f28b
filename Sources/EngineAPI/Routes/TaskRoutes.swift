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

  /// The tasks as the API shows them, each with the networks that its specification names.
  private func shown(_ tasks: [SwarmTask]) async throws -> [Engine.Task] {
    var networks: [String: Network] = [:]
    if tasks.contains(where: { !$0.spec.value.networks.isEmpty }) {
      for network in try await self.backend.networks() { networks[network.id.description] = network }
    }
    return tasks.map { task in
      var shown = task.apiValue
      shown.networksAttachments = task.spec.value.networks.compactMap { networks[$0.target]?.taskNetwork }.nonEmpty
      return shown
    }
  }
}
