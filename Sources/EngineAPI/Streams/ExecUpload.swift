// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import Hummingbird
internal import NIOCore
internal import SwarmModel

/// What a client sends for a command: first the command, then what goes to it.
///
/// Unchecked, because the iterator goes from the handler that reads the command to the one reader of the rest, and is never used by two at a time.
final class ExecUpload: @unchecked Sendable {
  private var body: RequestBody.AsyncIterator
  private var reader = StreamFrameReader()
  private var frames: ArraySlice<StreamFrame> = []

  init(_ body: RequestBody) {
    self.body = body.makeAsyncIterator()
  }

  /// Reads the command, which has to come first.
  func request() async throws -> ExecRequest {
    guard let frame = try await self.next(), frame.kind == .control else {
      throw APIFailure.badRequest("the body has to begin with a frame of kind 4 that holds the command")
    }
    return try ExecRequest(EngineJSON.decode(Engine.ExecRequest.self, from: frame.bytes))
  }

  /// What goes to the command; read as it is asked for.
  var inputs: AsyncThrowingStream<ExecInput, any Error> {
    AsyncThrowingStream {
      while let frame = try await self.next() {
        switch frame.kind {
        case .input: return frame.bytes.isEmpty ? .end : .bytes(frame.bytes)
        case .control:
          let change = try EngineJSON.decode(Engine.ExecChange.self, from: frame.bytes)
          if let size = try TerminalSize(change.consoleSize) { return .resize(size) }
        case .output, .errors, .failure: throw APIFailure.badRequest("clients send frames of the kinds 0 and 4")
        }
      }
      return nil
    }
  }

  private func next() async throws -> StreamFrame? {
    while self.frames.isEmpty {
      guard let bytes = try await self.body.next() else { return nil }
      self.frames = try self.reader.read(Array(buffer: bytes))[...]
    }
    return self.frames.popFirst()
  }
}
