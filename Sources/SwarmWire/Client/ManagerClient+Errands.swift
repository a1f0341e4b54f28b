// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import GRPCProtobuf
internal import SwarmKitProtobuf
package import SwarmModel

/// Commands beside tasks. Streams are read in the caller's own task, so that a slow reader slows down who writes; each should have a connection of
/// its own.
extension ManagerClient {
  package func errands(node: NodeID) async throws -> AsyncThrowingStream<Errand, any Error> {
    try await self.open(ErrandMethod.listen, ProtoSubmitRequest(), as: node)
  }

  /// Runs a command for who asked the manager for it.
  ///
  /// - Parameter run: runs it, and returns its exit code; cancelled when nobody wants the command any more. What it throws reaches who asked.
  package func attend(
    _ errand: ErrandID,
    node: NodeID,
    _ run:
      @escaping @Sendable (
        _ input: AsyncThrowingStream<ExecInput, any Error>,
        _ output: @escaping @Sendable (ExecOutput) async throws -> Void
      ) async throws -> Int32
  ) async throws {
    let first = ExecFrame(errand: errand, grant: UInt32(Self.inputBuffer))
    try await self.exchange(ErrandMethod.attend, first, as: node) { frames, send in
      let (pieces, feed) = AsyncThrowingStream<ExecInput, any Error>.makeStream(
        bufferingPolicy: .bufferingOldest(Self.inputBuffer)
      )
      let (taken, taker) = AsyncStream<Void>.makeStream()
      let input = AsyncThrowingStream<ExecInput, any Error> {
        for try await piece in pieces {
          taker.yield()
          return piece
        }
        return nil
      }
      try await withThrowingTaskGroup(of: Bool.self) { group in
        group.addTask {
          // The manager ends the stream when it has all, or when nobody wants it any more: who doesn't read doesn't hear of it. So what a command
          // doesn't read is kept here, and the manager sends no more than there is room for. One of an older version does: it is slowed down.
          while let frame = try await frames.next() {
            guard let piece = frame.asInput else { continue }
            while case .dropped = feed.yield(piece) { try await Task.sleep(for: .milliseconds(20)) }
          }
          return true
        }
        group.addTask {
          // Apart from the input, which must reach the command while nobody reads what comes from it.
          for await _ in taken { try await send(ExecFrame(grant: 1)) }
          return false
        }
        group.addTask {
          // A manager that is gone is noticed even when nothing is to be said.
          while true {
            try await Task.sleep(for: Self.proofOfLife)
            try await send(ExecFrame.nothing)
          }
        }
        group.addTask {
          defer { feed.finish() }
          let event: ExecEvent
          do {
            event = .exited(try await run(input) { try await send(ExecFrame(.output($0))) })
          } catch {
            try Task.checkCancellation()
            event = .failed(error as? SwarmError ?? SwarmError(code: .internalError, message: "\(error)"))
          }
          try await send(ExecFrame(event))
          return false
        }
        defer { group.cancelAll() }
        while let isEnd = try await group.next(), !isEnd {}
      }
    }
  }

  /// How many pieces of input, of some 32 KiB each, may wait for a command.
  private static let inputBuffer = 256
  /// How often a worker that runs a command says so.
  private static let proofOfLife = Duration.seconds(1)

  package func exec(
    _ command: TaskCommand,
    input: any AsyncSequence<ExecInput, any Error> & Sendable,
    output: @escaping @Sendable (ExecOutput) async throws -> Void
  ) async throws -> Int32 {
    try await self.exchange(ErrandMethod.exec, ExecFrame(command: command), as: nil) { frames, send in
      try await withThrowingTaskGroup(of: Int32?.self) { group in
        group.addTask {
          for try await event in frames.events {
            switch event {
            case .output(let piece): try await output(piece)
            case .exited(let code): return code
            case .failed(let error): throw error
            }
          }
          try self.endedEarly()
        }
        group.addTask {
          for try await piece in input { try await send(ExecFrame(piece)) }
          try await send(ExecFrame(.end))
          return nil
        }
        defer { group.cancelAll() }
        while let code = try await group.next() {
          if let code { return code }
        }
        try self.endedEarly()
      }
    }
  }

  /// Streams also end without a word in a task that is cancelled: it isn't told that the connection is lost.
  private func endedEarly() throws -> Never {
    try Task.checkCancellation()
    throw self.lost
  }

  package func answer(_ errand: ErrandID, node: NodeID, usage: NodeUsage) async throws {
    try await self.translatingErrors {
      var message = ProtoSubmitRequest()
      message.request = .init(wire: UsageReport(errand: errand, usages: [usage]).encoded())
      _ = try await self.call(ErrandMethod.answer, message, as: node, answer: ProtoSubmitResponse.self)
    }
  }

  package func usages(of nodes: [NodeID]) async throws -> [NodeUsage] {
    try await self.translatingErrors {
      var message = ProtoSubmitRequest()
      message.request = .init(wire: UsageReport(nodes: nodes).encoded())
      let response = try await self.call(ErrandMethod.usages, message, as: nil, answer: ProtoSubmitResponse.self)
      return try UsageReport(encoded: [UInt8](response.message.response)).usages
    }
  }

  /// Makes a call whose two streams of frames are both in the hands of `body`, after a first frame.
  private func exchange<Result: Sendable>(
    _ method: MethodDescriptor,
    _ first: ExecFrame,
    as node: NodeID?,
    _ body:
      @escaping @Sendable (
        _ frames: FrameReader<ResponseParts>,
        _ send: @escaping @Sendable (ExecFrame) async throws -> Void
      ) async throws -> Result
  ) async throws -> Result {
    let (writer, isOpen, isOver) = (Slot<RPCWriter<ProtoSubmitRequest>>(), Signal(), Signal())
    let request = StreamingClientRequest(of: ProtoSubmitRequest.self, metadata: self.request((), as: node).metadata) {
      defer { isOpen.set() }
      try await $0.write(first.request)
      writer.store($0)
      isOpen.set()
      await isOver.wait()
    }
    return try await self.translatingErrors {
      defer { isOver.set() }
      return try await self.grpc.bidirectionalStreaming(
        request: request,
        descriptor: method,
        serializer: ProtobufSerializer<ProtoSubmitRequest>(),
        deserializer: ProtobufDeserializer<ProtoSubmitResponse>(),
        options: self.options
      ) { response in
        defer { isOver.set() }
        let parts = try response.accepted.get().bodyParts
        await isOpen.wait()
        guard let writer = writer.value else { try self.endedEarly() }
        let frames = FrameReader(parts) { part in
          guard case .message(let message) = part else { return nil }
          return try ExecFrame(encoded: [UInt8](message.response))
        }
        return try await body(frames) { try await writer.write($0.request) }
      }
    }
  }

  private typealias ResponseParts = RPCAsyncSequence<StreamingClientResponse<ProtoSubmitResponse>.Contents.BodyPart, any Error>
}

extension ExecFrame {
  /// The frame as the callers' message.
  fileprivate var request: ProtoSubmitRequest {
    var request = ProtoSubmitRequest()
    request.request = .init(wire: self.encoded())
    return request
  }
}
