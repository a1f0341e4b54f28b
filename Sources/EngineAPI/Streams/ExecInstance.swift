// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

/// A command beside a task, as Docker has it: a client makes it known, starts it later, and asks afterwards how it ended.
struct ExecInstance: Sendable {
  /// How far it is.
  enum State: Sendable {
    case created
    case running(ExecInputQueue)
    case ended(Int32)
  }

  let id = MadeUpID.random()
  let task: TaskID
  let container: String
  var request: ExecRequest
  let attachesOutput: Bool
  let attachesErrors: Bool
  let detachKeys: String
  var state = State.created

  var isRunning: Bool {
    if case .running = self.state { true } else { false }
  }

  /// Refuses what was started already.
  func checkStartable() throws(APIFailure) {
    switch self.state {
    case .created: break
    case .running: throw APIFailure(status: 409, message: "Error: Exec command \(self.id) is already running")
    case .ended: throw APIFailure(status: 409, message: "Error: Exec command \(self.id) has already run")
    }
  }

  /// Its share of what is remembered, in bytes.
  var cost: Int {
    (self.request.arguments + self.request.environment).reduce(256) { $0 + $1.utf8.count + 16 }
      + self.request.directory.utf8.count + self.request.user.utf8.count + self.detachKeys.utf8.count
  }

  /// As `GET /exec/{id}/json` shows it.
  var details: JSONValue {
    let exitCode: JSONValue = if case .ended(let code) = self.state { .integer(Int64(code)) } else { .null }
    let hasTerminal = self.request.terminal != nil
    return .object([
      "ID": .string(self.id),
      "Running": .bool(self.isRunning),
      "ExitCode": exitCode,
      "ProcessConfig": .object([
        "tty": .bool(hasTerminal),
        "entrypoint": .string(self.request.arguments.first ?? ""),
        "arguments": .strings(self.request.arguments.dropFirst()),
        "privileged": .bool(false),
        "user": .string(self.request.user),
      ]),
      "OpenStdin": .bool(self.request.takesInput),
      "OpenStdout": .bool(self.attachesOutput),
      "OpenStderr": .bool(self.attachesErrors),
      "CanRemove": .bool(false),
      "ContainerID": .string(self.container),
      "DetachKeys": .string(self.detachKeys),
      "Pid": .integer(0),
    ])
  }

  /// Runs it to its end, and writes what it writes: frames, or what its terminal shows.
  ///
  /// - Returns: its exit code.
  /// - Throws: when nobody takes what it writes any more, or the task is cancelled.
  func run(
    _ backend: any SwarmBackend,
    _ input: ExecInputQueue,
    write: @escaping @Sendable ([UInt8]) async throws -> Void
  ) async throws -> Int32 {
    let hasTerminal = self.request.terminal != nil
    @Sendable func tell(_ kind: StreamFrame.Kind, _ bytes: [UInt8]) async throws {
      guard kind == .errors ? self.attachesErrors : self.attachesOutput else { return }
      try await write(hasTerminal ? bytes : StreamFrame(kind, bytes).encoded)
    }
    do {
      let inputs = input.inputs(takesInput: self.request.takesInput)
      return try await backend.localExec(self.task, self.request, input: inputs) { output in
        switch output {
        case .stdout(let bytes): try await tell(.output, bytes)
        case .stderr(let bytes): try await tell(.errors, bytes)
        }
      }
    } catch let error as SwarmError {
      try Task.checkCancellation()
      // Docker's exit code for what can't be run.
      try await tell(hasTerminal ? .output : .errors, Array("\(error.message)\r\n".utf8))
      return 126
    }
  }
}
