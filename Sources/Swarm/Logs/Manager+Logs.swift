// SPDX-License-Identifier: Apache-2.0

internal import NIOPosix
internal import SwarmAgent
internal import SwarmControl
internal import SwarmModel
internal import SwarmWire
internal import Synchronization

/// Logs, on the leader and on managers that pass on to it.
extension Manager {
  func logOrders(node: NodeID) async throws -> AsyncThrowingStream<LogOrder, any Error> {
    try self.requireLeadership()
    return self.logs.listen(node)
  }

  func publishLogs(_ publication: LogPublication, node: NodeID, patience: LogPatience) async throws {
    try self.requireLeadership()
    try await self.logs.publish(publication, node: node, patience: patience)
  }

  func logsBroke(off subscription: LogSubscriptionID, node: NodeID) {
    self.logs.broke(off: subscription, node: node)
  }

  func subscribeLogs(
    _ request: LogRequest,
    receive: @escaping @Sendable ([LogMessage]) async throws -> Void
  ) async throws {
    try self.requireLeadership()
    try await self.logs.subscribe(request, in: { self.board.store }, receive: receive)
  }

  /// Hands out logs from wherever the leader is.
  ///
  /// Who follows is handed on to the next leader, behind the last line that came.
  func readLogs(_ request: LogRequest, into feed: LogFeed) async {
    let newest = Mutex<Timestamp?>(nil)
    var request = request
    var deadline = self.clock.now + self.configuration.requestTimeout
    while true {
      do {
        try await self.readLogsOnce(request) { messages in
          try await feed.send(messages)
          newest.withLock { newest in
            for message in messages { newest = max(newest ?? message.time, message.time) }
          }
        }
        return feed.finish()
      } catch {
        let hasBegun = newest.withLock { $0 }
        guard !Task.isCancelled, let refusal = error as? SwarmError, refusal.code == .unavailable,
          request.follow || hasBegun == nil
        else { return feed.finish(throwing: error) }
        if let newest = hasBegun, request.since.map({ $0 <= newest }) ?? true {
          request = request.continuing(after: newest)
          deadline = self.clock.now + self.configuration.requestTimeout
        }
        guard self.clock.now < deadline else { return feed.finish(throwing: SwarmError.noLeader) }
        try? await Task.sleep(for: .milliseconds(50))
      }
    }
  }

  private func readLogsOnce(
    _ request: LogRequest,
    receive: @escaping @Sendable ([LogMessage]) async throws -> Void
  ) async throws {
    guard !self.leadership.withLock(\.isLeader) else { return try await self.subscribeLogs(request, receive: receive) }
    guard let leader = self.leadership.withLock(\.leader) else { throw SwarmError.noLeader }
    // A connection of its own: what waits here for a slow reader must not hold up requests.
    try await ManagerClient.withConnection(
      to: leader.address,
      as: self.identity.nodeID,
      security: .mutual(self.certificates.security),
      on: MultiThreadedEventLoopGroup.singleton
    ) { try await $0.subscribeLogs(request, receive: receive) }
  }
}
