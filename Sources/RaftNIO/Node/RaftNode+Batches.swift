// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import Raft

extension RaftNode {
  /// How a batch of proposals ends: with the place of its commands in the log, and what applying each of them gave, in order.
  public typealias BatchResult = Result<(indexes: ClosedRange<LogIndex>, outputs: [Machine.Output]), RaftError>

  /// Proposes several commands at once, and waits until this member has applied all of them.
  ///
  /// They stand in the log in their order, with nothing between them, and either all are accepted or none. They are still commands of
  /// their own: a crash of the leader may leave the first of them decided and the others lost.
  ///
  /// - Parameter payloads: The commands, at least one; together they may have as many bytes as may wait to be committed
  ///   (`RaftConfiguration.Limits.uncommittedBytes`).
  /// - Returns: The commands' places in the log and what applying them gave.
  /// - Throws: ``RaftError`` with code `notLeader`, `busy`, `storageFull`, `payloadTooLarge`, `invalidProposal` (no command) or `stopped` when
  ///   nothing was accepted, and `outcomeUnknown` when leadership was lost meanwhile: the first ones may be applied, or all, or none.
  ///   The message says how many were applied for sure.
  public func propose(
    contentsOf payloads: [[UInt8]]
  ) async throws -> (indexes: ClosedRange<LogIndex>, outputs: [Machine.Output]) {
    try await withCheckedThrowingContinuation { continuation in
      self.propose(contentsOf: payloads) { result in continuation.resume(with: result.mapError { $0 as any Error }) }
    }
  }

  /// Proposes several commands at once, and calls back once on the event loop when this member has applied all of them.
  ///
  /// No task switch is involved. Errors are as for ``propose(contentsOf:)``.
  @inlinable
  public func propose(contentsOf payloads: [[UInt8]], completion: @escaping @Sendable (BatchResult) -> Void) {
    if let error = self.refusal(of: payloads) { return self.eventLoop.execute { completion(.failure(error)) } }
    let batch = ProposedBatch(count: payloads.count, completion)
    self.take(self.queue.add(contentsOf: payloads.map { $0[...] }) { batch.ended($0) }) { completion(.failure($0)) }
  }

  /// What is wrong with a batch, wherever it is proposed.
  @usableFromInline
  func refusal(of payloads: [[UInt8]]) -> RaftError? {
    let limits = self.configuration.raft.limits
    guard !payloads.isEmpty else { return RaftError(.invalidProposal, "there is nothing to propose") }
    if let largest = payloads.lazy.map(\.count).max(), largest > limits.payloadBytes {
      return RaftError(.payloadTooLarge, "a payload has \(largest) bytes")
    }
    let bytes = payloads.reduce(0) { $0 + $1.count }
    guard payloads.count == 1 || bytes <= limits.uncommittedBytes else {
      return RaftError(.payloadTooLarge, "\(payloads.count) payloads have \(bytes) bytes")
    }
    return nil
  }
}
