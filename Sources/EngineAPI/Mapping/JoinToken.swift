// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// What stands in for a join token until nodes have identities: it names the role and proves nothing.
///
/// Docker's clients tell the role of a joining node by its token alone, so there has to be one. Real tokens
/// begin with `SWMTKN-1-`.
enum JoinToken {
  static let worker = "SWMTKN-0-worker"
  static let manager = "SWMTKN-0-manager"

  /// The role that a token stands for; without one, a node joins as a worker.
  static func role(of token: String) throws(APIFailure) -> NodeRole {
    switch token {
    case "", Self.worker: return .worker
    case Self.manager: return .manager
    case _ where token.hasPrefix("SWMTKN-1-"): throw .notAvailable("join tokens with a secret (nodes have no identities yet) are")
    default: throw APIFailure(status: 500, message: "invalid join token")
    }
  }
}
