// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import SwarmModel
package import SwarmWire

/// Reaches managers over the network.
package struct NetworkConnector: ManagerConnecting {
  private let security: NodeSecurity
  private let group: any EventLoopGroup

  /// Creates a connector whose connections are secured with a node's certificate and live on an event loop group.
  package init(security: NodeSecurity, group: any EventLoopGroup) {
    self.security = security
    self.group = group
  }

  package func withConnection<Result: Sendable>(
    to address: String,
    as node: NodeID,
    _ body: (any DispatcherConnection) async throws -> Result
  ) async throws -> Result {
    try await ManagerClient.withConnection(
      to: address,
      as: node,
      security: .mutual(self.security),
      on: self.group
    ) { client in
      try await body(client)
    }
  }
}

extension ManagerClient: DispatcherConnection {}
