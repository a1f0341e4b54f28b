// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import SwarmModel
package import SwarmWire

/// Reaches managers over the network.
package struct NetworkConnector: ManagerConnecting {
  private let group: any EventLoopGroup

  /// Creates a connector whose connections live on an event loop group.
  package init(group: any EventLoopGroup) {
    self.group = group
  }

  package func withConnection<Result: Sendable>(
    to address: String,
    as node: NodeID,
    _ body: (any DispatcherConnection) async throws -> Result
  ) async throws -> Result {
    try await ManagerClient.withConnection(to: address, as: node, on: self.group) { client in
      try await body(client)
    }
  }
}

extension ManagerClient: DispatcherConnection {}
