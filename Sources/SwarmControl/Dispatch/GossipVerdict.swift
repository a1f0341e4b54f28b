// SPDX-License-Identifier: Apache-2.0

/// What gossip holds a node for.
package enum GossipVerdict: Sendable, Hashable {
  /// It answers, or has time to refute that it doesn't.
  case present
  /// It didn't answer anybody for long enough, or it said good-bye.
  case gone
}
