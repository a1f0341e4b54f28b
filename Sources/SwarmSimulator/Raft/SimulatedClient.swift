// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// Somebody who does one thing at a time and tries again until there is an answer, or patience ends.
struct SimulatedClient: Sendable {
  /// What it is about.
  struct Pending: Sendable {
    /// The operation, counted over all clients.
    var number: Int
    /// The operation in the history; nil while a session is opened.
    var record: Int?
    var body: SimulatedRequest.Body
    var attempt = 0
    var began: Nanoseconds
  }

  /// The name under which the state machine knows it.
  ///
  /// A client that gave up, or whose session expired, needs a new one.
  var session: Int?
  var sequence: UInt64 = 0
  var pending: Pending?
  /// The member that it asks next.
  var guess: Int
  /// The last value that it saw of each key.
  var seen: [Int: UInt64] = [:]
}
