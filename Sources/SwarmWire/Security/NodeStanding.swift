// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

/// What a manager knows of a node that calls, beyond the certificate that the node shows.
package enum NodeStanding: Sendable, Hashable {
  /// The manager can't say: it is joining and knows nobody yet.
  case undecided
  /// The cluster doesn't know the node, or not any more.
  case stranger
  /// The cluster wants the node to have this role.
  case member(NodeRole)
}
