// SPDX-License-Identifier: Apache-2.0

/// Why a request to the cluster was refused or failed.
///
/// Where docker has a sentence for the case, ``message`` is docker's.
public struct SwarmError: Error, Sendable {
  /// What kind of failure this is.
  public var code: Code
  /// What happened, in a sentence for people.
  public var message: String
  /// The error that led to this one.
  public var cause: (any Error)?
  /// Where the leader is (`host:port`), when a follower refused and knows it.
  public var leaderHint: String?

  /// Creates an error.
  public init(code: Code, message: String, cause: (any Error)? = nil, leaderHint: String? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
    self.leaderHint = leaderHint
  }
}

extension SwarmError: Hashable {
  /// Compares everything but ``cause``, which has no equality.
  public static func == (left: Self, right: Self) -> Bool {
    left.code == right.code && left.message == right.message && left.leaderHint == right.leaderHint
  }

  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(self.code)
    hasher.combine(self.message)
    hasher.combine(self.leaderHint)
  }
}

extension SwarmError: CustomStringConvertible {
  /// `code: "message" (cause: …)`.
  public var description: String {
    guard let cause = self.cause else { return "\(self.code): \"\(self.message)\"" }
    return "\(self.code): \"\(self.message)\" (cause: \(cause))"
  }
}
