// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

extension EngineClient {
  /// Runs a command beside a task, and returns its exit code.
  ///
  /// - Parameters:
  ///   - task: the task's id.
  ///   - frames: what goes to the command; ended when the command has.
  ///   - receive: takes frames of its output and errors.
  func exec(
    _ task: String,
    _ request: Engine.ExecRequest,
    sending frames: AsyncStream<StreamFrame>,
    _ receive: (StreamFrame) throws -> Void
  ) async throws -> Int32 {
    let first = StreamFrame(.control, try EngineJSON.encode(request))
    var reader = StreamFrameReader()
    var code: Int32?
    try await self.exchange("/tasks/\(PercentCoding.encode(task))/exec", first: first.encoded, frames.map(\.encoded)) { piece in
      for frame in try reader.read(piece) {
        switch frame.kind {
        case .failure: throw DaemonError(status: 500, message: String(decoding: frame.bytes, as: UTF8.self))
        case .control: code = try EngineJSON.decode(Engine.ExecResult.self, from: frame.bytes).exitCode ?? code
        case .input, .output, .errors: try receive(frame)
        }
      }
    }
    guard let code else {
      throw CommandFailure("the swarm node at \(self.host) closed the connection before the command ended")
    }
    return code
  }
}
