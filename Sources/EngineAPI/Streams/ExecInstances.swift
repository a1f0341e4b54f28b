// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Synchronization

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
