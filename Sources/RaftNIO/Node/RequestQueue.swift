// SPDX-License-Identifier: Apache-2.0

public import Raft
public import Synchronization

/// What callers ask for, until the event loop comes and takes all of it as one batch.
///
/// Inlinable, as is everything that happens per proposal: a host's compiler makes code for its own output type.
@usableFromInline
final class RequestQueue<Output: Sendable>: Sendable {
  @usableFromInline typealias Completion = @Sendable (Result<(index: LogIndex, output: Output), RaftError>) -> Void
  @usableFromInline typealias ReadCompletion = @Sendable (Result<LogIndex, RaftError>) -> Void

  /// What gathered.
  @usableFromInline
  struct Batch: Sendable {
    @usableFromInline var payloads: [ArraySlice<UInt8>] = []
    /// One per payload.
    @usableFromInline var completions: [Completion] = []
    @usableFromInline var reads: [ReadCompletion] = []

    @usableFromInline
    init() {}

    @inlinable var isEmpty: Bool { self.payloads.isEmpty && self.reads.isEmpty }
  }

  @usableFromInline
  struct State: Sendable {
    @usableFromInline var batch = Batch()
    @usableFromInline var isDrainScheduled = false
    @usableFromInline var isClosed = false

    @usableFromInline
    init() {}

    /// Whether somebody must come and take what gathers.
    @inlinable
    mutating func needsDrain() -> Step {
      guard !self.isDrainScheduled else { return .nothing }
      self.isDrainScheduled = true
      return .drain
    }
  }

  /// What a request asks of whoever makes it.
  @usableFromInline
  enum Step {
    case nothing
    case drain
    case refuse
  }

  @usableFromInline let state = Mutex(State())

  @usableFromInline
  init() {}

  @inlinable
  func add(_ payload: ArraySlice<UInt8>, _ completion: @escaping Completion) -> Step {
    self.state.withLock { state in
      guard !state.isClosed else { return .refuse }
      state.batch.payloads.append(payload)
      state.batch.completions.append(completion)
      return state.needsDrain()
    }
  }

  /// Adds several proposals with nothing between them, each of which ends with the completion.
  @inlinable
  func add(contentsOf payloads: [ArraySlice<UInt8>], _ completion: @escaping Completion) -> Step {
    self.state.withLock { state in
      guard !state.isClosed else { return .refuse }
      state.batch.payloads.append(contentsOf: payloads)
      state.batch.completions.append(contentsOf: repeatElement(completion, count: payloads.count))
      return state.needsDrain()
    }
  }

  @inlinable
  func add(_ read: @escaping ReadCompletion) -> Step {
    self.state.withLock { state in
      guard !state.isClosed else { return .refuse }
      state.batch.reads.append(read)
      return state.needsDrain()
    }
  }

  /// Whoever asks from now on sends nobody: the caller is about to take what gathers.
  @inlinable
  func gather() { self.state.withLock { $0.isDrainScheduled = true } }

  /// Takes everything; `closing` refuses what comes later.
  @inlinable
  func take(closing: Bool = false) -> Batch {
    self.state.withLock { state in
      let batch = state.batch
      state.batch = Batch()
      state.isDrainScheduled = false
      if closing { state.isClosed = true }
      // The next batch is likely to be as large.
      if !closing, batch.payloads.count > 1 {
        state.batch.payloads.reserveCapacity(batch.payloads.count)
        state.batch.completions.reserveCapacity(batch.payloads.count)
      }
      return batch
    }
  }
}
