// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import Swarm
internal import SwarmAgent
internal import SwarmModel

/// What services and tasks wrote.
struct LogRoutes: Sendable {
  let backend: any SwarmBackend

  var routes: [Route] {
    [
      Route(.get, "services/*/logs") { call in
        let service = try await self.backend.service(call.reference)
        return try await self.logs(of: .service(service.id.description), service.spec.task, call.query)
      },
      Route(.get, "tasks/*/logs") { call in
        let task = try await self.backend.task(call.reference)
        return try await self.logs(of: .task(task.id.description), task.spec.value, call.query)
      },
      Route(.get, "containers/*/logs") { call in
        let task = try await LocalContainers(backend: self.backend).find(call.reference).task
        guard call.query["until"].map({ ["", "0"].contains($0) }) ?? true else {
          throw APIFailure.notAvailable("logs until a moment are")
        }
        return try await self.reply(task.spec.value, call.query) { try await self.backend.localLogs(of: task, $0) }
      },
    ]
  }

  private func logs(of subject: LogSubject, _ spec: TaskSpec, _ query: Query) async throws -> EngineReply {
    try await self.reply(spec, query) { try await self.backend.logs(of: subject, $0) }
  }

  private func reply(
    _ spec: TaskSpec,
    _ query: Query,
    _ read: (LogOptions) async throws -> SwarmLogs
  ) async throws -> EngineReply {
    let streams = LogRecord.Stream.allCases.filter { query.flag($0 == .stdout ? "stdout" : "stderr") }
    guard !streams.isEmpty else {
      throw APIFailure(status: 500, message: "Bad parameters: you must choose at least one stream")
    }
    let options = LogOptions(
      follow: query.flag("follow"),
      tail: try Self.tail(query["tail"] ?? ""),
      since: try query.time("since").map { Timestamp(nanoseconds: $0.nanosecondsSince1970) },
      streams: Set(streams)
    )
    let hasTerminal = spec.container?.tty ?? false
    let format = LogReply.Format(
      isMultiplexed: !hasTerminal,
      showsTimestamps: query.flag("timestamps"),
      showsDetails: query.flag("details")
    )
    return .stream(
      LogReply(logs: try await read(options), format: format),
      contentType: hasTerminal ? "application/vnd.docker.raw-stream" : "application/vnd.docker.multiplexed-stream"
    )
  }

  private static func tail(_ text: String) throws(APIFailure) -> Int? {
    guard !text.isEmpty, text != "all" else { return nil }
    guard let count = Int(text) else { throw .badRequest(#"tail value must be a positive integer or "all""#) }
    guard count >= 0 else { throw .badRequest("negative tail values not supported") }
    return count
  }
}

extension Query {
  /// A moment as seconds since 1970, or as RFC 3339; `nil` when it isn't given, or 0.
  func time(_ name: String) throws(APIFailure) -> EngineTime? {
    guard let text = self[name], !text.isEmpty, text != "0" else { return nil }
    guard let time = EngineTime(unixText: text) ?? EngineTime(text) else {
      throw .badRequest(#"invalid value for "\#(name)": failed to parse value "\#(text)" as a time"#)
    }
    return time
  }
}
