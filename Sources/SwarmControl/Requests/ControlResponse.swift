// SPDX-License-Identifier: Apache-2.0
package import SwarmModel

/// The answer to a ``ControlRequest``.
package enum ControlResponse: Sendable, Hashable {
  /// A service was created or changed.
  case service(ServiceID, version: Version, warnings: [String])
  /// A node was registered or changed.
  case node(NodeID, version: Version)
  /// An object of another kind was created; its id, as text.
  case object(String, version: Version)
  /// The request was carried out.
  case done(version: Version)
  /// The request was refused or failed.
  case failure(SwarmError)
}
