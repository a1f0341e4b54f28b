// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Hands elements from one task to another, one at a time: who gives waits until it is taken.
///
/// When either of the two tasks is cancelled, it is over for both.
final class Handoff<Element: Sendable>: Sendable {
  private enum State {
    case idle
    case giving(Element, CheckedContinuation<Void, any Error>)
    case taking(CheckedContinuation<Element?, any Error>)
    case over(Result<Void, any Error>)
  }

  private let state = Mutex(State.idle)

  /// Gives an element; returns when it was taken.
  ///
  /// - Throws: `CancellationError` when it is over.
  func give(_ element: Element) async throws {
    try await self.endingWhenCancelled {
      try await withCheckedThrowingContinuation { giver in
        let (isTaken, taker): (Result<Void, any Error>?, CheckedContinuation<Element?, any Error>?) = self.state.withLock {
          state in
          switch state {
          case .taking(let taker):
            state = .idle
            return (.success(()), taker)
          case .over: return (.failure(CancellationError()), nil)
          case .idle, .giving:
            state = .giving(element, giver)
            return (nil, nil)
          }
        }
        taker?.resume(returning: element)
        if let isTaken { giver.resume(with: isTaken) }
      }
    }
  }

  /// Takes the next element; `nil` when there will be none any more.
  func take() async throws -> Element? {
    try await self.endingWhenCancelled {
      try await withCheckedThrowingContinuation { taker in
        let (ready, giver): (Result<Element?, any Error>?, CheckedContinuation<Void, any Error>?) = self.state.withLock { state in
          switch state {
          case .giving(let element, let giver):
            state = .idle
            return (.success(element), giver)
          case .over(let end): return (end.map { nil }, nil)
          case .idle, .taking:
            state = .taking(taker)
            return (nil, nil)
          }
        }
        giver?.resume()
        if let ready { taker.resume(with: ready) }
      }
    }
  }

  /// Nothing more is given, or taken.
  func finish(throwing error: (any Error)? = nil) {
    let end: Result<Void, any Error> = error.map { .failure($0) } ?? .success(())
    let last = self.state.withLock { state in
      let last = state
      if case .over = last { return last }
      state = .over(end)
      return last
    }
    switch last {
    case .giving(_, let giver): giver.resume(throwing: CancellationError())
    case .taking(let taker): taker.resume(with: end.map { nil })
    case .idle, .over: break
    }
  }

  /// The elements as a sequence, for one reader.
  var elements: AsyncThrowingStream<Element, any Error> {
    AsyncThrowingStream { try await self.take() }
  }

  private func endingWhenCancelled<Value>(_ body: () async throws -> Value) async throws -> Value {
    try await withTaskCancellationHandler {
      try await body()
    } onCancel: {
      self.finish(throwing: CancellationError())
    }
  }
}
