// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel
internal import Synchronization

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
  fileprivate var cost: Int {
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

/// The commands that clients have made known, until there are too many: then the oldest that don't run are forgotten.
final class ExecInstances: Sendable {
  /// How many are remembered.
  static let capacity = 1_024
  /// How many bytes of them are remembered.
  static let bytes = 8 << 20

  private struct Table {
    var instances: [String: ExecInstance] = [:]
    /// Their ids, from the oldest on.
    var order: [String] = []
    var bytes = 0
  }

  private let table = Mutex(Table())
  private let (detached, starter) = AsyncStream<(ExecInstance, ExecInputQueue)>.makeStream()

  /// Remembers a command.
  func add(_ instance: ExecInstance) throws(APIFailure) {
    try self.table.withLock { table throws(APIFailure) in
      while table.order.count >= Self.capacity || table.bytes + instance.cost > Self.bytes {
        guard let oldest = table.order.firstIndex(where: { table.instances[$0]?.isRunning == false }) else {
          throw APIFailure(status: 503, message: "too many commands run beside this node's tasks")
        }
        table.bytes -= table.instances.removeValue(forKey: table.order.remove(at: oldest))?.cost ?? 0
      }
      table.instances[instance.id] = instance
      table.order.append(instance.id)
      table.bytes += instance.cost
    }
  }

  /// A command by its id.
  func get(_ id: String) throws(APIFailure) -> ExecInstance {
    guard let instance = self.table.withLock({ $0.instances[id] }) else { throw Self.unknown(id) }
    return instance
  }

  /// Takes note of its start, which there is only one of.
  func start(_ id: String, _ input: ExecInputQueue) throws(APIFailure) -> ExecInstance {
    try self.table.withLock { table throws(APIFailure) in
      guard let instance = table.instances[id] else { throw Self.unknown(id) }
      try instance.checkStartable()
      table.instances[id]?.state = .running(input)
      return instance
    }
  }

  /// Takes note of its end.
  func end(_ id: String, exitCode: Int32) {
    self.table.withLock { $0.instances[id]?.state = .ended(exitCode) }
  }

  /// Its client's terminal has another size.
  func resize(_ id: String, _ size: TerminalSize) throws(APIFailure) {
    try self.table.withLock { table throws(APIFailure) in
      guard let instance = table.instances[id] else { throw Self.unknown(id) }
      switch instance.state {
      case .created: table.instances[id]?.request.resize(size)
      case .running(let input): input.resize(size)
      case .ended: throw APIFailure(status: 409, message: "exec \(id) is not running")
      }
    }
  }

  /// Runs a command that was started, and takes note of its end before anybody hears of it.
  func run(
    _ instance: ExecInstance,
    _ backend: any SwarmBackend,
    _ input: ExecInputQueue,
    write: @escaping @Sendable ([UInt8]) async throws -> Void
  ) async throws {
    do {
      self.end(instance.id, exitCode: try await instance.run(backend, input, write: write))
    } catch {
      // Killed, because its client has gone.
      self.end(instance.id, exitCode: 137)
      throw error
    }
  }

  /// Starts a command whose client doesn't wait; ``run(_:)`` runs it.
  func detach(_ id: String) throws(APIFailure) {
    let input = ExecInputQueue()
    input.end()
    self.starter.yield((try self.start(id, input), input))
  }

  /// Runs commands whose clients don't wait, until the task is cancelled.
  func run(_ backend: any SwarmBackend) async {
    await withDiscardingTaskGroup { group in
      for await (instance, input) in self.detached {
        group.addTask { try? await self.run(instance, backend, input) { _ in } }
      }
      group.cancelAll()
    }
  }

  private static func unknown(_ id: String) -> APIFailure { .notFound("No such exec instance: \(id)") }
}

extension ExecRequest {
  /// Changes the size of its terminal, if it has one.
  fileprivate mutating func resize(_ size: TerminalSize) {
    if self.terminal != nil { self.terminal = size }
  }
}
