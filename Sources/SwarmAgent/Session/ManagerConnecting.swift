// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

/// How an agent reaches a manager: over the network, or in the same process.
package protocol ManagerConnecting: Sendable {
  /// Connects to the manager at an address, and closes the connection when `body` is done.
  ///
  /// - Throws: what `body` throws; an error when nobody answers at the address.
  func withConnection<Result: Sendable>(
    to address: String,
    as node: NodeID,
    _ body: (any DispatcherConnection) async throws -> Result
  ) async throws -> Result
}
