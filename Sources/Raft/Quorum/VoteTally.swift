// SPDX-License-Identifier: Apache-2.0

/// The votes of one election, whatever the configuration they will be counted in.
package struct VoteTally: Hashable, Sendable {
  /// How an election stands.
  package enum Result: Hashable, Sendable {
    /// A majority of every set of voters is for the candidate.
    case won
    /// Those who could still answer can't turn it.
    case lost
    case open
  }

  private var granted: [RaftID] = []
  private var rejected: [RaftID] = []

  package init() {}

  /// Counts a voter's first word; it can't take it back.
  package mutating func record(_ isGranted: Bool, from voter: RaftID) {
    guard !self.granted.contains(voter), !self.rejected.contains(voter) else { return }
    if isGranted { self.granted.append(voter) } else { self.rejected.append(voter) }
  }

  /// Whether a voter is for the candidate.
  package func hasVote(of voter: RaftID) -> Bool { self.granted.contains(voter) }

  /// Who is for the candidate and who isn't, under other names and in their order.
  func voters(naming name: (RaftID) -> RaftID) -> [[RaftID]] {
    [self.granted.map(name).sorted(), self.rejected.map(name).sorted()]
  }

  /// How the election stands.
  ///
  /// From `silent` members no answer is to be expected.
  package func result(in membership: Membership, silent: [RaftID] = []) -> Result {
    if membership.hasQuorum(self.granted.contains) { return .won }
    let canBeWon = membership.hasQuorum { id in
      self.granted.contains(id) || (!self.rejected.contains(id) && !silent.contains(id))
    }
    return canBeWon ? .open : .lost
  }
}
