// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel
internal import Synchronization

/// The manager's end of one node's session stream.
final class SessionStream: Sendable {
  private struct State {
    var session: SessionID?
    var isGone = false
  }

  private let continuation: AsyncThrowingStream<SessionMessage, any Error>.Continuation
  private let state = Mutex(State())

  /// Makes a stream and its near end.
  ///
  /// - Parameter lost: called once when the node hung up, if the session had been accepted by then.
  static func make(
    lost: @escaping @Sendable (SessionID, SessionStream) -> Void
  ) -> (AsyncThrowingStream<SessionMessage, any Error>, SessionStream) {
    let (stream, continuation) = AsyncThrowingStream<SessionMessage, any Error>.makeStream()
    let end = SessionStream(continuation)
    continuation.onTermination = { _ in
      let session = end.state.withLock { state in
        state.isGone = true
        return state.session
      }
      if let session { lost(session, end) }
    }
    return (stream, end)
  }

  private init(_ continuation: AsyncThrowingStream<SessionMessage, any Error>.Continuation) {
    self.continuation = continuation
  }

  /// The registration became this session.
  ///
  /// - Returns: false when the node has hung up meanwhile.
  func accepted(_ session: SessionID) -> Bool {
    self.state.withLock { state in
      state.session = session
      return !state.isGone
    }
  }

  func send(_ message: SessionMessage) {
    self.continuation.yield(message)
  }

  func finish(throwing error: SwarmError) {
    // Nobody needs to hear that a session is lost which the leader ended by itself.
    self.state.withLock { $0.session = nil }
    self.continuation.finish(throwing: error)
  }
}
