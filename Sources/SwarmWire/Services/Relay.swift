// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import SwarmModel

/// Sends what a backend produces to the caller of a server stream.
enum Relay {
  /// Runs until the source ends, the caller hangs up, or the server shuts down; the source is cancelled then.
  static func run<Element: ProtoMapped & Sendable>(
    _ source: AsyncThrowingStream<Element, any Error>,
    to writer: RPCWriter<Element.Proto>,
    until cancellation: ServerContext.RPCCancellationHandle
  ) async throws {
    try await self.run(until: cancellation) {
      for try await element in source {
        try await writer.write(try element.proto)
      }
    }
  }

  /// The same for what is written as it is.
  static func run<Element: WireRecord & Sendable>(
    _ source: AsyncThrowingStream<Element, any Error>,
    to writer: RPCWriter<Element>,
    until cancellation: ServerContext.RPCCancellationHandle
  ) async throws {
    try await self.run(until: cancellation) {
      for try await element in source { try await writer.write(element) }
    }
  }

  /// Runs until `body` ends, the caller hangs up, or the server shuts down; `body` is cancelled then.
  static func run(
    until cancellation: ServerContext.RPCCancellationHandle,
    _ body: @escaping @Sendable () async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await body() }
      tasks.addTask {
        // gRPC doesn't cancel the task of a call that is over.
        try await cancellation.cancelled
        throw SwarmError(code: .unavailable, message: "the manager closed the stream")
      }
      defer { tasks.cancelAll() }
      try await tasks.next()
    }
  }
}
