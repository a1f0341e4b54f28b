// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
public import Raft

extension RaftNode {
  /// Waits until a read of this member's state machine is linearizable: everything that was acknowledged anywhere before
  /// this call is applied here when it returns.
  ///
  /// Works on every member; a follower asks its leader. Many reads share one round.
  ///
  /// - Returns: The index that had to be applied.
  /// - Throws: `RaftError` with code `notLeader` when there is no leader to confirm it, or `stopped`. It may be tried
  ///   again.
  public func readIndex() async throws -> LogIndex {
    try await withCheckedThrowingContinuation { continuation in
      self.readIndex { result in continuation.resume(with: result.mapError { $0 as any Error }) }
    }
  }

  /// Calls a closure with the state machine, on the event loop.
  ///
  /// It must be short, and must not change what is replicated.
  ///
  /// - Throws: `RaftError` with code `stopped`.
  public func withMachine<Value: Sendable>(_ body: @escaping @Sendable (inout Machine) -> Value) async throws -> Value {
    try await self.request { running, promise in
      promise.succeed(body(&running.host.machine))
    }
  }

  /// Changes the group, and waits until that is decided: for an added member until the entry that adds it is committed
  /// (it is promoted by itself once it has caught up), for a removed one until it is gone.
  ///
  /// - Returns: The member that was added or changed, and the configuration that holds.
  /// - Throws: `RaftError` with code `notLeader`, `membershipChangeInFlight`, `invalidMembershipChange`, `busy` or
  ///   `stopped` when nothing was changed, and `outcomeUnknown` when leadership was lost meanwhile.
  public func changeMembership(_ change: MembershipChange) async throws -> (RaftID, Membership) {
    try await self.request { $0.driver.change(change, $1) }
  }

  /// Hands leadership to a voter, and waits until it is taken.
  ///
  /// - Parameter target: The voter; `nil` for the one that is furthest.
  /// - Throws: `RaftError` with code `notLeader`, `invalidTransfer`, `busy` (also when the target doesn't take over in
  ///   time) or `stopped`.
  public func transferLeadership(to target: RaftID? = nil) async throws {
    try await self.request { $0.driver.transfer(to: target, $1) }
  }

  /// Takes a snapshot of what this member has applied, whatever the policy says, and waits until it is on the disk.
  ///
  /// - Returns: The last entry that it covers; that of the newest one when nothing was applied since.
  /// - Throws: `RaftError` with code `stopped`, `compacted` when nothing was applied ever, or `storageFull`.
  public func takeSnapshot() async throws -> LogPosition {
    try await self.request { $0.driver.takeSnapshot($1) }
  }

  /// Makes this member forget who leads, so that it may vote for another at once.
  ///
  /// For an operator who knows the leader to be gone. Does nothing on a leader, nor with lease reads.
  ///
  /// - Throws: `RaftError` with code `stopped`.
  public func forgetLeader() async throws {
    try await self.request { running, promise in
      running.driver.core.forgetLeader(now: running.driver.now)
      running.driver.scheduleTurn()
      promise.succeed()
    }
  }

  /// What this member knows at this moment.
  ///
  /// - Throws: `RaftError` with code `stopped`.
  public func status() async throws -> NodeStatus {
    try await self.request { $1.succeed($0.driver.status) }
  }

  /// What this member knows at this moment, without a task: called on the event loop.
  public func status(_ completion: @escaping @Sendable (Result<NodeStatus, any Error>) -> Void) {
    self.future { $1.succeed($0.driver.status) }.whenComplete(completion)
  }

  /// Looks at saturation and the metrics that are amounts at a moment now, and not at the end of the second.
  package func recordMetrics() async throws {
    try await self.request { running, promise in
      running.driver.updateGauges()
      promise.succeed()
    }
  }

  /// Waits until the node has recovered, then asks something on the event loop.
  func request<Value: Sendable>(
    _ body: @escaping @Sendable (Running, EventLoopPromise<Value>) -> Void
  ) async throws -> Value {
    try await self.future(body).get()
  }

  private func future<Value: Sendable>(
    _ body: @escaping @Sendable (Running, EventLoopPromise<Value>) -> Void
  ) -> EventLoopFuture<Value> {
    self.hasStarted.futureResult.flatMap { [self] in
      let promise = self.eventLoop.makePromise(of: Value.self)
      if let running = self.running.value {
        body(running, promise)
      } else {
        promise.fail(RaftError(.stopped, "the node is stopped"))
      }
      return promise.futureResult
    }
  }
}
