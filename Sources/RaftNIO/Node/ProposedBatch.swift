// SPDX-License-Identifier: Apache-2.0

public import Raft
public import Synchronization

/// Waits for the ends of commands that were proposed together; they come in the commands' order.
@usableFromInline
package final class ProposedBatch<Output: Sendable>: Sendable {
  @usableFromInline package typealias Completion =
    @Sendable (
      Result<(indexes: ClosedRange<LogIndex>, outputs: [Output]), RaftError>
    ) -> Void

  @usableFromInline
  struct State: Sendable {
    @usableFromInline var first: LogIndex?
    @usableFromInline var outputs: [Output] = []
    @usableFromInline var failure: RaftError?
    /// How many haven't ended.
    @usableFromInline var rest: Int

    @inlinable
    init(rest: Int) {
      self.rest = rest
      self.outputs.reserveCapacity(rest)
    }
  }

  @usableFromInline let state: Mutex<State>
  @usableFromInline let completion: Completion

  @inlinable
  package init(count: Int, _ completion: @escaping Completion) {
    self.state = Mutex(State(rest: count))
    self.completion = completion
  }

  /// One more has ended.
  @inlinable
  package func ended(_ result: Result<(index: LogIndex, output: Output), RaftError>) {
    let whole: State? = self.state.withLock { state in
      state.rest -= 1
      switch result {
      case .success(let success):
        if state.first == nil { state.first = success.index }
        state.outputs.append(success.output)
      case .failure(let error):
        if state.failure == nil { state.failure = error }
      }
      return state.rest == 0 ? state : nil
    }
    if let whole { self.completion(Self.outcome(whole)) }
  }

  @usableFromInline
  static func outcome(_ state: State) -> Result<(indexes: ClosedRange<LogIndex>, outputs: [Output]), RaftError> {
    switch (state.failure, state.first) {
    case (nil, let first?):
      return .success((first...(first + (state.outputs.count - 1)), state.outputs))
    case (let failure?, nil):
      return .failure(failure)
    case (let failure?, _?):
      // A leader that came after knew the first of them only.
      let message = "the first \(state.outputs.count) commands were applied, then: \(failure.message)"
      return .failure(RaftError(.outcomeUnknown, message, leader: failure.leader, cause: failure))
    case (nil, nil):
      preconditionFailure("a batch without commands ended")
    }
  }
}
