// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOPosix
internal import SwarmModel
internal import SwarmWire
internal import Synchronization

/// This manager's connections to other managers, made when first needed and kept while they last.
final class ManagerConnections: Sendable {
  private let nodeID: NodeID
  private let security: NodeSecurity
  private let logger: Logger
  private let open = Mutex<[String: ManagerClient]>([:])
  private let work: AsyncStream<ManagerClient>
  private let newcomers: AsyncStream<ManagerClient>.Continuation

  init(nodeID: NodeID, security: NodeSecurity, logger: Logger) {
    self.nodeID = nodeID
    self.security = security
    self.logger = logger
    (self.work, self.newcomers) = AsyncStream.makeStream()
  }

  /// Keeps connections alive until cancelled.
  func run() async {
    await withDiscardingTaskGroup { group in
      for await client in self.work {
        group.addTask {
          await client.run()
          self.open.withLock { open in
            if open[client.address] === client { open[client.address] = nil }
          }
        }
      }
      group.cancelAll()
    }
  }

  /// The connection to a manager.
  ///
  /// - Throws: `unavailable` when nobody answers there.
  func connection(to address: String) async throws(SwarmError) -> ManagerClient {
    if let client = self.open.withLock({ $0[address] }) { return client }
    let client = try await ManagerClient.connect(
      to: address,
      as: self.nodeID,
      security: .mutual(self.security),
      on: MultiThreadedEventLoopGroup.singleton
    )
    let winner = self.open.withLock { open in
      if let other = open[address] { return other }
      open[address] = client
      return client
    }
    if winner === client {
      self.newcomers.yield(client)
    } else {
      client.close()
    }
    return winner
  }
}
