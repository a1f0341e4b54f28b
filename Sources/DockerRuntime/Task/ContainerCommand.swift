// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import FoundationEssentials
internal import Logging
internal import NIOCore
internal import SwarmAgent
internal import SwarmModel

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A command that the engine runs in a task's container.
struct ContainerCommand: Sendable {
  private let node: OpenEngine
  private let container: String
  private let request: ExecRequest
  /// The engine's name for it.
  private let id: String

  /// Tells the engine of a command; nothing runs yet.
  static func create(_ request: ExecRequest, in container: String, on node: OpenEngine) async throws -> ContainerCommand {
    let body: JSONValue = .object([
      "AttachStdin": .bool(request.takesInput),
      "AttachStdout": .bool(true),
      "AttachStderr": .bool(true),
      "Tty": .bool(request.terminal != nil),
      "Cmd": .array(request.arguments.map(JSONValue.string)),
      "Env": .array(request.environment.map(JSONValue.string)),
      "WorkingDir": .string(request.directory),
      "User": .string(request.user),
    ])
    let answer = try await node.engine.post("/containers/\(container)/exec", body: body)
    guard case .string(let id) = answer["Id"] else {
      throw RuntimeError(code: .internalError, message: "the engine gave the command no id")
    }
    return ContainerCommand(node: node, container: container, request: request, id: id)
  }

  /// Runs it to its end, and returns its exit code.
  func run(
    input: any AsyncSequence<ExecInput, any Error> & Sendable,
    output: @escaping @Sendable (ExecOutput) async throws -> Void
  ) async throws -> Int32 {
    let start: JSONValue = .object(["Detach": .bool(false), "Tty": .bool(self.request.terminal != nil)])
    do {
      try await self.node.engine.hijack("/exec/\(self.id)/start", body: start) { connection in
        if let size = self.request.terminal { await self.resize(size) }
        try await withThrowingTaskGroup(of: Bool.self) { group in
          group.addTask {
            try await self.carry(connection.inbound, output)
            return true
          }
          group.addTask {
            try await self.feed(connection, input)
            return false
          }
          defer { group.cancelAll() }
          while let isEnd = try await group.next(), !isEnd {}
        }
      }
    } catch {
      // A cancelled caller waits, too: nobody would end the command later.
      await Task { await self.kill() }.value
      throw error
    }
    return try await self.exitCode()
  }

  private func carry(
    _ inbound: AsyncThrowingStream<ByteBuffer, any Error>,
    _ output: @Sendable (ExecOutput) async throws -> Void
  ) async throws {
    var frames = StreamFrameReader()
    for try await piece in inbound {
      let bytes = Array(piece.readableBytesView)
      guard self.request.terminal == nil else {
        try await output(.stdout(bytes))
        continue
      }
      for frame in try frames.read(bytes) where !frame.bytes.isEmpty {
        try await output(frame.kind == .errors ? .stderr(frame.bytes) : .stdout(frame.bytes))
      }
    }
  }

  private func feed(_ connection: HijackedConnection, _ input: any AsyncSequence<ExecInput, any Error> & Sendable) async throws {
    guard self.request.takesInput else { return }
    var isEnded = false
    func end() async throws {
      guard !isEnded else { return }
      isEnded = true
      // The engine takes the end of a terminal's input for the end of its user, and drops what the command still writes: the end is typed.
      if self.request.terminal != nil { _ = try await connection.send([Self.endOfTransmission]) } else { connection.finish() }
    }
    for try await piece in input {
      switch piece {
      // Who has ended takes no more input, and that is no failure.
      case .bytes(let bytes): guard try await connection.send(bytes) else { return }
      // Sizes may still come.
      case .end: try await end()
      case .resize(let size): await self.resize(size)
      }
    }
    try await end()
  }

  /// What the key ^D sends.
  private static let endOfTransmission: UInt8 = 4

  /// A size that can't be set is no reason to end the command.
  private func resize(_ size: TerminalSize) async {
    let query = [("h", String(size.rows)), ("w", String(size.columns))]
    _ = try? await self.node.engine.post("/exec/\(self.id)/resize", query)
  }

  /// The engine may close the streams a moment before it knows of the end.
  private func exitCode() async throws -> Int32 {
    for _ in 0..<100 {
      let state = try await self.node.engine.get("/exec/\(self.id)/json")
      if state["Running"] != .bool(true), case .integer(let code) = state["ExitCode"] { return Int32(clamping: code) }
      try await Task.sleep(for: .milliseconds(50))
    }
    throw RuntimeError(code: .internalError, message: "the engine doesn't say how the command ended")
  }

  /// Ends the command by force.
  ///
  /// The engine has no call for that, but it says which process of this machine it is; that it still is one of the container's, the process's
  /// own control group tells.
  private func kill() async {
    guard let state = try? await self.node.engine.get("/exec/\(self.id)/json"), state["Running"] == .bool(true),
      case .integer(let number) = state["Pid"], let pid = Int32(exactly: number), pid > 1
    else { return }
    let groups = FileManager.default.contents(atPath: "/proc/\(pid)/cgroup").map { String(decoding: $0, as: UTF8.self) } ?? ""
    guard groups.contains(self.container), endByForce(pid) else {
      self.node.logger.notice("a command that nobody wants any more goes on", metadata: ["container": "\(self.container)"])
      return
    }
  }
}

private func endByForce(_ pid: Int32) -> Bool { kill(pid, SIGKILL) == 0 }
