// SPDX-License-Identifier: Apache-2.0

package import SwarmIdentity
package import SwarmModel

/// What a node sends that wants a certificate: its first one, or the next.
package struct CertificateApplication: Sendable, Hashable {
  /// The request, PEM.
  package var csr: [UInt8]
  /// The join token; empty when the node is a member.
  package var token: String
  /// Whether the node takes tasks from the start.
  package var availability: NodeSpec.Availability
  /// Whether the node's software can be a manager: the answer of this library's nodes, which a Docker Engine doesn't give.
  package var canManage: Bool
  /// Who asks, as its certificate tells; `nil` for somebody who has none (any more).
  package var caller: PeerIdentity?
  /// The address that it asks from, without a port.
  package var address: String
  /// Whether a manager that doesn't lead has passed the application on; once is often enough.
  package var isForwarded: Bool

  package init(
    csr: [UInt8],
    token: String = "",
    availability: NodeSpec.Availability = .active,
    canManage: Bool = true,
    caller: PeerIdentity? = nil,
    address: String = "",
    isForwarded: Bool = false
  ) {
    self.csr = csr
    self.token = token
    self.availability = availability
    self.canManage = canManage
    self.caller = caller
    self.address = address
    self.isForwarded = isForwarded
  }
}
