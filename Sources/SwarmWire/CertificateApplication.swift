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
  /// Who asks, as its certificate tells; `nil` for somebody who has none (any more).
  package var caller: PeerIdentity?
  /// The address that it asks from, without a port.
  package var address: String

  package init(
    csr: [UInt8],
    token: String = "",
    availability: NodeSpec.Availability = .active,
    caller: PeerIdentity? = nil,
    address: String = ""
  ) {
    self.csr = csr
    self.token = token
    self.availability = availability
    self.caller = caller
    self.address = address
  }
}
