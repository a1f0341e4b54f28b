// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// Reads the frames of a stream: the first one, and then, as a sequence, those after it.
///
/// Unchecked, because the stream's iterator goes from who reads the first frame to the one reader of the rest, and is never used by two at a time.
final class FrameReader<Messages: AsyncSequence & SendableMetatype>: @unchecked Sendable
where Messages.AsyncIterator: SendableMetatype {
  private var iterator: Messages.AsyncIterator
  private let decode: @Sendable (Messages.Element) throws -> ExecFrame?

  /// Begins to read; messages in which `decode` finds no frame are passed over.
  init(_ messages: Messages, decode: @escaping @Sendable (Messages.Element) throws -> ExecFrame?) {
    self.iterator = messages.makeAsyncIterator()
    self.decode = decode
  }

  /// The next frame; `nil` at the end.
  func next() async throws -> ExecFrame? {
    while let message = try await self.iterator.next(isolation: #isolation) {
      if let frame = try self.decode(message) { return frame }
    }
    return nil
  }

  /// What goes to the command, in the frames from here on; read as it is asked for.
  var inputs: AsyncThrowingStream<ExecInput, any Error> { self.rest(\.asInput) }

  /// What comes from the command, in the frames from here on; read as it is asked for.
  var events: AsyncThrowingStream<ExecEvent, any Error> { self.rest(\.asEvent) }

  /// The same, from a worker that says how much input it takes.
  func events(granting allowance: Allowance) -> AsyncThrowingStream<ExecEvent, any Error> {
    self.rest { frame in
      allowance.grant(frame.grant)
      return frame.asEvent
    }
  }

  private func rest<Value>(_ value: @escaping @Sendable (ExecFrame) -> Value?) -> AsyncThrowingStream<Value, any Error> {
    AsyncThrowingStream {
      while let frame = try await self.next() {
        if let value = value(frame) { return value }
      }
      return nil
    }
  }
}
