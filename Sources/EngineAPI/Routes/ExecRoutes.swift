// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import Swarm
internal import SwarmModel

/// Commands beside tasks, on whatever node these are: one request, whose body and answer are open at the same time.
struct ExecRoutes: Sendable {
  let backend: any SwarmBackend

  var routes: [Route] {
    [Route(.post, "tasks/*/exec", takesUpload: true, handler: self.exec)]
  }

  private func exec(_ call: EngineCall) async throws -> EngineReply {
    guard let body = call.upload else { throw APIFailure.badRequest("the command is missing") }
    let task = try await self.backend.task(call.reference)
    guard task.status.state == .running else { throw APIFailure(status: 409, message: "task \(task.id) is not running") }
    let upload = ExecUpload(body)
    let request = try await upload.request()
    return .exchange(contentType: "application/vnd.docker.multiplexed-stream") { write in
      let last: StreamFrame
      do {
        var result = Engine.ExecResult()
        result.exitCode = try await self.backend.exec(task.id, request, input: upload.inputs) { output in
          switch output {
          case .stdout(let bytes): try await write(StreamFrame(.output, bytes).encoded)
          case .stderr(let bytes): try await write(StreamFrame(.errors, bytes).encoded)
          }
        }
        last = StreamFrame(.control, try EngineJSON.encode(result))
      } catch {
        try Task.checkCancellation()
        // Not the control API's word but the node's, so without the prefix of the former.
        let sentence = (error as? SwarmError)?.message ?? APIFailure(error).message
        last = StreamFrame(.failure, Array(sentence.utf8))
      }
      try await write(last.encoded)
    }
  }
}
