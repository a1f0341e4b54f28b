// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

/// The tasks of this node, as the containers that Docker makes of tasks: to look at, not to change.
///
/// As with Docker they are this node's alone, on a manager as on a worker.
struct ContainerRoutes: Sendable {
  let backend: any SwarmBackend
  let hostname: String?

  var routes: [Route] {
    [
      Route(.get, "containers/json", handler: self.list),
      Route(.get, "containers/*/json") { call in
        let container = try await self.containers.find(call.reference)
        return try .json(container.details(hostname: HostInformation.current(hostname: self.hostname).hostname))
      },
      Route(.get, "containers/*/stats", handler: self.stats),
    ]
      + Self.refused.map { verb, path, sentence in
        Route(verb, path) { call in
          _ = try await self.containers.find(call.reference)
          throw APIFailure(status: 501, message: sentence)
        }
      }
  }

  private var containers: LocalContainers { LocalContainers(backend: self.backend) }

  private func list(_ call: EngineCall) async throws -> EngineReply {
    let filter = try ContainerFilter(call.query)
    let now = EventJournal.now
    return try .json(
      JSONValue.array(await self.containers.all().filter(filter.matches).prefix(filter.limit).map { $0.summary(now: now) })
    )
  }

  /// As with Docker a stream unless the client says otherwise; a single answer tells of the second that it takes, unless that isn't wanted either.
  private func stats(_ call: EngineCall) async throws -> EngineReply {
    let container = try await self.containers.findRunning(call.reference)
    let samples = ContainerStats(backend: self.backend, container: container)
    guard call.query["stream"] != nil, !call.query.flag("stream") else {
      return .stream(samples, contentType: "application/json")
    }
    var iterator = samples.makeAsyncIterator()
    var sample = try await iterator.next()
    if !call.query.flag("one-shot") { sample = try await iterator.next() ?? sample }
    return EngineReply(body: sample ?? Array("{}".utf8))
  }

  // MARK: - What tasks don't do

  private static let refused: [(verb: HTTPVerb, path: String, sentence: String)] =
    ["start", "stop", "restart", "kill", "pause", "unpause", "update", "rename"].map {
      (.post, "containers/*/\($0)", Self.lifecycle)
    }
    + [
      (.delete, "containers/*", Self.lifecycle),
      (
        .post, "containers/*/wait",
        "the end of a task isn't waited for here: follow its service (docker service ps, docker events)"
      ),
      (.get, "containers/*/top", "processes of tasks aren't listed: run ps beside the task (docker exec)"),
      (.post, "containers/*/attach", "nobody attaches to tasks: read their logs, or run a command beside them (docker exec)"),
    ]
    + [(.get, "archive"), (.head, "archive"), (.put, "archive"), (.get, "changes"), (.get, "export")].map { verb, path in
      (verb, "containers/*/\(path)", "files of tasks are reached by commands beside them (docker exec)")
    }

  private static let lifecycle =
    "tasks are started and stopped by their service: scale, update or remove that (docker service scale, update --force, rm)"
}
