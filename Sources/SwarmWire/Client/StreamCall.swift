// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SwarmModel

/// One open stream of a ``ManagerClient``: between the call that receives and the reader that may leave at
/// any time.
struct StreamCall<Element: Sendable>: Sendable {
  /// Where the reader gets its messages.
  private let reader: AsyncThrowingStream<Element, any Error>.Continuation
  /// Fulfilled when the manager has accepted the call, or the call is over before.
  let accepted: EventLoopPromise<Void>
  /// The reader has left.
  private let gone = Signal()

  init(reader: AsyncThrowingStream<Element, any Error>.Continuation, accepted: EventLoopPromise<Void>) {
    self.reader = reader
    self.accepted = accepted
  }

  /// Runs the call until it is over or the reader has left.
  func run(
    _ pull: @escaping @Sendable () async throws -> Void,
    translate: @escaping @Sendable (any Error) -> any Error
  ) async {
    await withTaskGroup(of: Void.self) { tasks in
      tasks.addTask {
        do {
          try await pull()
          self.end(nil)
        } catch {
          self.end(translate(error))
        }
      }
      tasks.addTask { await self.gone.wait() }
      await tasks.next()
      tasks.cancelAll()
    }
    // A call that was cancelled before it began has told nobody.
    self.end(SwarmError(code: .unavailable, message: "the connection was closed"))
  }

  /// The manager has accepted the call.
  func accept() {
    self.accepted.succeed()
  }

  /// Gives a message to the reader; gives the stream up when too many wait already.
  func receive(_ element: Element) {
    guard case .dropped = self.reader.yield(element) else { return }
    // Not thrown: the call ends as it does when the reader leaves, by cancellation.
    self.end(SwarmError(code: .unavailable, message: "the stream was given up: its reader is too slow"))
  }

  /// The reader has left.
  func readerLeft() {
    self.gone.set()
  }

  /// Ends the stream, with an error unless it is `nil`; the first end counts.
  func end(_ error: (any Error)?) {
    if let error { self.accepted.fail(error) } else { self.accepted.succeed() }
    self.reader.finish(throwing: error)
    self.gone.set()
  }
}
