// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

/// Commands beside this node's tasks, by Docker's four requests: make one known, start it, change the size of its terminal, ask how it ended.
struct ContainerExecRoutes: Sendable {
  let backend: any SwarmBackend
  let commands: ExecInstances

  var routes: [Route] {
    [
      Route(.post, "containers/*/exec", handler: self.create),
      Route(.post, "exec/*/start", handler: self.start),
      Route(.post, "exec/*/resize", handler: self.resize),
      Route(.get, "exec/*/json") { call in try .json(self.commands.get(call.reference).details) },
    ]
  }

  private func create(_ call: EngineCall) async throws -> EngineReply {
    let wanted = try call.decode(Engine.ExecRequest.self)
    let container = try await LocalContainers(backend: self.backend).findRunning(call.reference)
    if wanted.privileged ?? false { throw APIFailure.notAvailable("privileged commands are") }
    let instance = ExecInstance(
      task: container.task.id,
      container: container.id,
      request: try ExecRequest(wanted),
      attachesOutput: wanted.attachStdout ?? false,
      attachesErrors: wanted.attachStderr ?? false,
      detachKeys: wanted.detachKeys ?? ""
    )
    try self.commands.add(instance)
    return try .json(JSONValue.object(["Id": .string(instance.id)]), status: 201)
  }

  private func start(_ call: EngineCall) async throws -> EngineReply {
    let wanted = try call.body.isEmpty ? Engine.ExecStart() : call.decode(Engine.ExecStart.self)
    let size = try TerminalSize(wanted.consoleSize)
    let known = try self.commands.get(call.reference)
    try known.checkStartable()
    _ = try await LocalContainers(backend: self.backend).findRunning(known.container)
    if let size { try self.commands.resize(known.id, size) }
    guard !(wanted.detach ?? false) else {
      try self.commands.detach(known.id)
      return .empty
    }
    let hasTerminal = known.request.terminal != nil
    let stream = hasTerminal ? "application/vnd.docker.raw-stream" : "application/vnd.docker.multiplexed-stream"
    return .takeover(contentType: stream) { input, write in
      try await self.commands.run(self.commands.start(known.id, input), self.backend, input, write: write)
    }
  }

  private func resize(_ call: EngineCall) async throws -> EngineReply {
    let (height, width) = (try Self.size(call.query, "h"), try Self.size(call.query, "w"))
    try self.commands.resize(call.reference, TerminalSize(columns: width, rows: height))
    return .empty
  }

  private static func size(_ query: Query, _ name: String) throws(APIFailure) -> UInt16 {
    let text = query[name] ?? ""
    guard let size = UInt16(text) else {
      throw .badRequest(#"strconv.ParseUint: parsing "\#(text)": invalid syntax"#)
    }
    return size
  }
}
