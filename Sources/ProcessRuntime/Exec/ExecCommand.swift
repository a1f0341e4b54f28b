// SPDX-License-Identifier: Apache-2.0

internal import CProcessShim
internal import SwarmAgent
internal import SwarmModel

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A command that was started beside a task.
struct ExecCommand: Sendable {
  private let instructions: ExecInstructions
  private let node: OpenNode
  private let shim: ExecShim
  private let streams: ExecStreams

  /// How much is read at once.
  private static let piece = 32 * 1024

  /// Starts the shim of a command.
  static func start(_ instructions: ExecInstructions, name: String, on node: OpenNode) async throws -> ExecCommand {
    let (streams, shim) = try await node.files.run {
      try node.checkOpen()
      var streams = try ExecStreams(terminal: instructions.terminal)
      let shim = try ExecShim(instructions.encoded, name: name, streams: streams)
      streams.commandEnds = []
      return (streams, shim)
    }
    if let child = shim.child { node.supervisor.reap(child) }
    return ExecCommand(instructions: instructions, node: node, shim: shim, streams: streams)
  }

  /// Carries input and output until the command has ended, and returns its exit code.
  ///
  /// - Parameter input: what goes to it; `nil` for nothing.
  /// - Throws: what `input` and `output` throw, or `CancellationError`; the command has ended then as well.
  func run(
    input: (any AsyncSequence<ExecInput, any Error> & Sendable)?,
    output: @escaping @Sendable (ExecOutput) async throws -> Void
  ) async throws -> Int32 {
    do {
      return try await withThrowingTaskGroup(of: Int32?.self) { group in
        group.addTask { try await self.end(output) }
        group.addTask {
          try await self.feed(input)
          return nil
        }
        defer { group.cancelAll() }
        while let code = try await group.next() {
          if let code { return code }
        }
        throw CancellationError()
      }
    } catch {
      await self.shim.kill(self.node.supervisor)
      throw error
    }
  }

  /// Waits for the end, and hands out all that was written before it.
  private func end(_ output: @escaping @Sendable (ExecOutput) async throws -> Void) async throws -> Int32 {
    try await withThrowingTaskGroup(of: ExecReport?.self) { group in
      group.addTask { try await self.shim.report(self.node.supervisor) }
      group.addTask {
        try await self.carry(output)
        return nil
      }
      var report: ExecReport?
      while let next = try await group.next() { report = next ?? report }
      switch report {
      case .ended(let code): return code
      case .failed(let stage, let number): return try await self.tell(stage, number, output)
      case nil:
        throw RuntimeError(code: .internalError, message: "the process that watched over the command was killed")
      }
    }
  }

  /// Says why the command can't be run, as shells and container runtimes do.
  private func tell(
    _ stage: ShimReport.Stage,
    _ number: Int32,
    _ output: @Sendable (ExecOutput) async throws -> Void
  ) async throws -> Int32 {
    let text = systemText(number)
    switch stage {
    case .exec:
      try await output(.stderr(Array("cannot execute \"\(self.instructions.arguments[0])\": \(text)\n".utf8)))
      return number == ENOENT ? 127 : 126
    case .workdir:
      let directory = self.instructions.workingDirectory
      try await output(.stderr(Array("cannot use the working directory \(directory): \(text)\n".utf8)))
      return 126
    case .task:
      throw RuntimeError(code: .invalidState, message: "the task has ended")
    case .directory, .instructions, .lease, .log, .fork, .group:
      throw RuntimeError.system("run the command (\(stage.rawValue))", number)
    }
  }

  /// Hands on what the command writes, until nobody can write any more.
  private func carry(_ output: @Sendable (ExecOutput) async throws -> Void) async throws {
    var open = self.streams.outputs
    while !open.isEmpty {
      try await self.node.supervisor.readable(open.map(\.descriptor))
      for (index, stream) in open.enumerated().reversed() {
        guard let bytes = try stream.descriptor.readAvailable(count: Self.piece) else { continue }
        if bytes.isEmpty {
          open.remove(at: index)
        } else {
          try await output(stream.isError ? .stderr(bytes) : .stdout(bytes))
        }
      }
    }
  }

  /// Hands on what goes to the command, until there is no more of it or the command doesn't take it.
  private func feed(_ input: (any AsyncSequence<ExecInput, any Error> & Sendable)?) async throws {
    defer { self.streams.input.close() }
    guard let input else { return }
    for try await piece in input {
      switch piece {
      case .bytes(let bytes): try await self.streams.input.write(bytes, self.node.supervisor)
      // Sizes may still come.
      case .end: try await self.streams.endInput(self.node.supervisor)
      case .resize(let size): self.streams.resize(size)
      }
    }
    try await self.streams.endInput(self.node.supervisor)
  }
}
