// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

/// The tasks of the swarm.
struct TaskRoutes: Sendable {
  let backend: any SwarmBackend

  var routes: [Route] {
    [
      Route(.get, "tasks", handler: self.list),
      Route(.get, "tasks/*") { call in try .json(await self.backend.task(call.reference).apiValue) },
    ]
  }

  private func list(_ call: EngineCall) async throws -> EngineReply {
    let filter = try await TaskFilter(call.query, backend: self.backend)
    return try .json(await self.backend.tasks().filter(filter.matches).map(\.apiValue))
  }
}
