// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Synchronization
internal import TestTraits
internal import Testing

@testable internal import SwarmWire

@Suite("Errands between nodes", .takingTurns, .timeLimit(.minutes(1)))
struct ErrandCallTests {
  private static let errand: ErrandID = Identifier(String(repeating: "x", count: 25)) ?? Identifier()
  private static let command = TaskCommand(
    task: Sample.task,
    request: ExecRequest(
      ["sh", "-c", ""],
      environment: ["A=1", "B="],
      directory: "/",
      user: "me",
      terminal: TerminalSize(columns: 132, rows: 43),
      takesInput: true
    )
  )

  @Test("frames come back as they were written, and an unknown field is passed over")
  func frames() throws {
    let inputs: [ExecInput] = [.bytes([1, 0, 255]), .end, .resize(TerminalSize(columns: 1, rows: .max))]
    for input in inputs { #expect(try ExecFrame(encoded: ExecFrame(input).encoded()).asInput == input) }
    let events: [ExecEvent] = [
      .output(.stdout([0])), .output(.stderr([9, 9])), .exited(0), .exited(-1), .exited(137),
      .failed(SwarmError(code: .unimplemented, message: "no")),
    ]
    for event in events { #expect(try ExecFrame(encoded: ExecFrame(event).encoded()).asEvent == event) }
    #expect(try ExecFrame(encoded: ExecFrame(command: Self.command).encoded()).command == Self.command)
    // Field 15, a number.
    #expect(try ExecFrame(encoded: [0x78, 1] + ExecFrame(.exited(3)).encoded()).asEvent == .exited(3))
    #expect(try ExecFrame(encoded: ExecFrame.nothing.encoded()).asEvent == nil)
    let granting = ExecFrame(errand: Self.errand, grant: 256)
    #expect(try ExecFrame(encoded: granting.encoded()) == granting)
    #expect(granting.asEvent == nil)
  }

  @Test("a node hears what is asked of it, and of something unknown that it is unknown")
  func listens() async throws {
    let errands = [Errand(id: Self.errand, work: .exec(Self.command)), Errand(id: Self.errand, work: nil)]
    var backend = ScriptedBackend()
    backend.onErrands = { node in
      #expect(node == Sample.node)
      let (stream, continuation) = AsyncThrowingStream.makeStream(of: Errand.self, throwing: (any Error).self)
      for errand in errands { continuation.yield(errand) }
      continuation.finish()
      return stream
    }
    try await withClient(of: backend) { client, _ in
      var received: [Errand] = []
      for try await errand in try await client.errands(node: Sample.node) { received.append(errand) }
      #expect(received == errands)
    }
    // Field 9, an empty record.
    let unknown = try Errand(encoded: Errand(id: Self.errand, work: nil).encoded() + [0x4A, 0])
    #expect(unknown == Errand(id: Self.errand, work: nil))
  }

  @Test("a worker's side: input arrives in order, output and the exit code leave in order")
  func attends() async throws {
    let received = Mutex<[ExecEvent]>([])
    var backend = ScriptedBackend()
    backend.onAttend = { errand, node, events, send in
      #expect(errand == Self.errand && node == Sample.node)
      for number in 0..<100 { try await send(.bytes([UInt8](repeating: UInt8(number), count: 10_000))) }
      try await send(.end)
      for try await event in events {
        received.withLock { $0.append(event) }
        if case .exited = event { return }
      }
    }
    try await withClient(of: backend) { client, _ in
      try await client.attend(Self.errand, node: Sample.node) { input, output in
        var count = 0
        for try await piece in input {
          guard case .bytes(let bytes) = piece else { break }
          #expect(bytes == [UInt8](repeating: UInt8(count), count: 10_000))
          count += 1
        }
        #expect(count == 100)
        for number in 0..<3 { try await output(number == 1 ? .stderr([1]) : .stdout([UInt8(number)])) }
        return 42
      }
    }
    let expected: [ExecEvent] = [.output(.stdout([0])), .output(.stderr([1])), .output(.stdout([2])), .exited(42)]
    #expect(received.withLock { $0 } == expected)
  }

  @Test("a worker that can't do it says why")
  func fails() async throws {
    let refusal = SwarmError(code: .failedPrecondition, message: "not here")
    let received = Mutex<[ExecEvent]>([])
    var backend = ScriptedBackend()
    backend.onAttend = { _, _, events, _ in
      for try await event in events {
        received.withLock { $0.append(event) }
        return
      }
    }
    try await withClient(of: backend) { client, _ in
      try await client.attend(Self.errand, node: Sample.node) { _, _ in throw refusal }
    }
    #expect(received.withLock { $0 } == [.failed(refusal)])
  }

  @Test("a command is given up when the manager gives it up, even when it neither reads nor writes", arguments: [true, false])
  func unwanted(isReading: Bool) async throws {
    let begun = Latch()
    var backend = ScriptedBackend()
    backend.onAttend = { _, _, _, send in
      // What nobody takes must not keep the worker from hearing the end.
      if !isReading { for _ in 0..<4 { try await send(.bytes([1])) } }
      await begun.wait()
      throw SwarmError(code: .notFound, message: "nobody waits")
    }
    try await withClient(of: backend) { client, _ in
      let wasCancelled = Mutex(false)
      await #expect(throws: (any Error).self) {
        try await client.attend(Self.errand, node: Sample.node) { input, _ in
          begun.open()
          do {
            if isReading {
              for try await _ in input {}
              try Task.checkCancellation()
            }
            try await Task.sleep(for: .seconds(50))
          } catch {
            wasCancelled.withLock { $0 = true }
            throw error
          }
          return 0
        }
      }
      #expect(wasCancelled.withLock { $0 })
    }
  }

  @Test("a command that reads nothing is given up when the manager gives it up, however much was to be sent to it")
  func unread() async throws {
    let (begun, isFull) = (Latch(), Latch())
    var backend = ScriptedBackend()
    backend.onAttend = { _, _, _, send in
      try await withThrowingDiscardingTaskGroup { group in
        group.addTask {
          let piece = [UInt8](repeating: 1, count: 32_768)
          for number in 0..<400 {
            if number == 256 { isFull.open() }
            try await send(.bytes(piece))
          }
        }
        await begun.wait()
        await isFull.wait()
        // Time for what a worker that doesn't say how much it takes would be sent beyond.
        try await Task.sleep(for: .milliseconds(200))
        throw SwarmError(code: .notFound, message: "nobody waits")
      }
    }
    try await withClient(of: backend) { client, _ in
      let wasCancelled = Mutex(false)
      await #expect(throws: (any Error).self) {
        try await client.attend(Self.errand, node: Sample.node) { _, _ in
          begun.open()
          do {
            try await Task.sleep(for: .seconds(50))
          } catch {
            wasCancelled.withLock { $0 = true }
          }
          return 0
        }
      }
      #expect(wasCancelled.withLock { $0 })
    }
  }

  @Test("input beyond what a worker keeps waits until the command reads, and arrives in order")
  func allowance() async throws {
    let isFull = Latch()
    var backend = ScriptedBackend()
    backend.onAttend = { _, _, events, send in
      try await withThrowingDiscardingTaskGroup { group in
        group.addTask {
          for number in 0..<1000 {
            if number == 256 { isFull.open() }
            try await send(.bytes([UInt8(truncatingIfNeeded: number)]))
          }
          try await send(.end)
        }
        for try await event in events { if case .exited = event { return } }
      }
    }
    try await withClient(of: backend) { client, _ in
      try await client.attend(Self.errand, node: Sample.node) { input, _ in
        await isFull.wait()
        var count = 0
        for try await piece in input {
          guard case .bytes(let bytes) = piece else { break }
          #expect(bytes == [UInt8(truncatingIfNeeded: count)])
          count += 1
        }
        #expect(count == 1000)
        return 0
      }
    }
  }

  @Test("the other side, for a manager that doesn't lead: command, input, output, exit code")
  func executes() async throws {
    var backend = ScriptedBackend()
    backend.onExec = { command, input, output in
      #expect(command == Self.command)
      for try await piece in input {
        switch piece {
        case .bytes(let bytes): try await output(.stdout(bytes))
        case .resize: try await output(.stderr([7]))
        case .end: return 5
        }
      }
      return 1
    }
    try await withClient(of: backend) { client, _ in
      let received = Mutex<[ExecOutput]>([])
      let input = AsyncThrowingStream<ExecInput, any Error> { stream in
        stream.yield(.bytes([1, 2]))
        stream.yield(.resize(TerminalSize()))
        stream.finish()
      }
      let code = try await client.exec(Self.command, input: input) { piece in received.withLock { $0.append(piece) } }
      #expect(code == 5)
      #expect(received.withLock { $0 } == [.stdout([1, 2]), .stderr([7])])
    }
  }

  @Test("what the leader refuses is refused in its words, and an asker who leaves is noticed")
  func refusals() async throws {
    let (asked, left) = (Latch(), Latch())
    var backend = ScriptedBackend()
    backend.onExec = { command, _, _ in
      guard command.request.takesInput else { throw SwarmError(code: .failedPrecondition, message: "task is not running") }
      asked.open()
      do {
        try await Task.sleep(for: .seconds(50))
      } catch {
        left.open()
      }
      return 0
    }
    try await withClient(of: backend) { client, _ in
      let endless = AsyncThrowingStream<ExecInput, any Error> { _ in }
      let error = await #expect(throws: SwarmError.self) {
        try await client.exec(TaskCommand(task: Sample.task, request: ExecRequest(["a"])), input: endless) { _ in }
      }
      #expect(error == SwarmError(code: .failedPrecondition, message: "task is not running"))
      let asking = Task { try await client.exec(Self.command, input: endless) { _ in } }
      await asked.wait()
      asking.cancel()
      await left.wait()
      await #expect(throws: CancellationError.self) { try await asking.value }
    }
  }
}
