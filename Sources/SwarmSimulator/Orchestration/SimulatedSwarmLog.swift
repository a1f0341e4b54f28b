// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

/// The log as Raft makes it look: what is committed, and what the leader has proposed behind it.
struct SimulatedSwarmLog {
  /// An entry that a leader proposed.
  struct Proposed {
    let bytes: [UInt8]
    /// The proposal of the control loop; nil for what users asked for.
    let proposal: ProposalID?
    /// What its proposer knew of the log when it decided, and when that was.
    let decision: Decision
  }

  /// What was known when an entry was made.
  struct Decision {
    let store: Store
    let time: Nanoseconds
    /// The term in which it was proposed.
    let term: UInt64
    /// How often the proposer's clock had jumped.
    let clockJumps: Int
  }

  /// By index, from 1; nil is an entry of the consensus module itself.
  private(set) var committed: [[UInt8]?] = []
  /// What isn't committed yet.
  var tail: [Proposed] = []
  var term: UInt64 = 0
  /// Whether the first of the tail is on its way.
  var isCommitting = false

  var lastIndex: UInt64 { UInt64(self.committed.count) }

  subscript(index: UInt64) -> [UInt8]? { self.committed[Int(index) - 1] }

  mutating func append(_ bytes: [UInt8]?) { self.committed.append(bytes) }
}
