// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import Swarm
internal import SwarmModel

/// What Docker's API doesn't have: why tasks wait, what changes would do, and services that are stopped and started as they are.
struct BeyondRoutes: Sendable {
  let backend: any SwarmBackend

  var routes: [Route] {
    [
      Route(.get, "services/*/explain", handler: self.explainService),
      Route(.get, "tasks/*/explain") { call in
        let task = try await self.backend.task(call.reference)
        return try .json([await self.backend.explain(task.id).apiValue(slot: task.slot)])
      },
      Route(.post, "services/*/restart") { call in
        try await self.backend.restartService(call.reference)
        return .empty
      },
      Route(.post, "services/*/stop") { call in
        try await self.backend.setService(call.reference, stopped: true)
        return .empty
      },
      Route(.post, "services/*/start") { call in
        try await self.backend.setService(call.reference, stopped: false)
        return .empty
      },
      Route(.post, "plan", handler: self.plan),
    ]
  }

  /// Of every task that waits for a node, or for room on the one that it is for; when none does, of one that has a node.
  private func explainService(_ call: EngineCall) async throws -> EngineReply {
    let service = try await self.backend.service(call.reference)
    let tasks = try await self.backend.tasks()
      .filter { $0.serviceID == service.id && $0.desiredState <= .complete && $0.status.state <= .running }
      .sorted { ($0.slot, $0.id) < ($1.slot, $1.id) }
    let waiting = tasks.filter { $0.status.state < .assigned }
    var explanations: [Engine.Explanation] = []
    for task in waiting.isEmpty ? Array(tasks.prefix(1)) : waiting {
      explanations.append(try await self.backend.explain(task.id).apiValue(slot: task.slot))
    }
    return try .json(explanations)
  }

  private func plan(_ call: EngineCall) async throws -> EngineReply {
    var changes: [SwarmNode.PlannedChange] = []
    for change in try call.decode([Engine.PlannedChange].self) {
      changes.append(try await SwarmNode.PlannedChange(change) { try await self.backend.service($0) })
    }
    let plan = try await self.backend.plan(changes)
    let hostnames = Dictionary(try await self.backend.nodes().map { ($0.id, $0.description?.hostname ?? "") }) { first, _ in first
    }
    return try .json(plan.apiValue(hostnames: hostnames))
  }
}
