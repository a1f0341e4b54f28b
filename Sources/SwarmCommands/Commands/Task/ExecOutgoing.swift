// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// What goes to a command: what the user types, and the size of the terminal.
struct ExecOutgoing: Sendable {
  /// How many pieces may wait to be sent.
  private static let buffer = 16

  /// What goes to the command.
  let frames: AsyncStream<StreamFrame>
  private let continuation: AsyncStream<StreamFrame>.Continuation
  private let terminal: any UserTerminal
  private let sendsInput: Bool
  private let sendsSizes: Bool

  init(_ terminal: any UserTerminal, sendsInput: Bool, sendsSizes: Bool) {
    self.terminal = terminal
    self.sendsInput = sendsInput
    self.sendsSizes = sendsSizes
    (self.frames, self.continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.buffer))
  }

  /// Sends what comes, until the task is cancelled.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      if self.sendsInput { group.addTask { try? await self.sendInput() } }
      if self.sendsSizes { group.addTask { try? await self.sendSizes() } }
    }
  }

  /// The command has ended.
  func end() { self.continuation.finish() }

  private func sendInput() async throws {
    for try await bytes in self.terminal.input { try await self.send(StreamFrame(.input, bytes)) }
    try await self.send(StreamFrame(.input, []))
  }

  private func sendSizes() async throws {
    for await size in self.terminal.sizes {
      var change = Engine.ExecChange()
      change.consoleSize = [size.rows, size.columns]
      try await self.send(StreamFrame(.control, EngineJSON.encode(change)))
    }
  }

  /// Waits for room: a command that reads slowly slows down who writes.
  private func send(_ frame: StreamFrame) async throws {
    while case .dropped = self.continuation.yield(frame) { try await Task.sleep(for: .milliseconds(10)) }
  }
}
