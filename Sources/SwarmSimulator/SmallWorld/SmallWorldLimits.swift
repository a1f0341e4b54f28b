// SPDX-License-Identifier: Apache-2.0

/// What may happen how often among three members whose every order of events is gone through.
public struct SmallWorldLimits: Hashable, Sendable, CustomStringConvertible {
  /// Elections, each of which begins a term.
  ///
  /// At most 4.
  public var elections: Int
  /// Commands, besides the entry with which every leader begins.
  ///
  /// At most 4.
  public var proposals: Int
  /// Losses of power, with all that is not on the disk.
  public var crashes: Int
  /// Whether a write is done at any later time, and not at once.
  public var hasSlowDisks: Bool

  /// Sets the limits.
  public init(elections: Int, proposals: Int, crashes: Int, hasSlowDisks: Bool) {
    self.elections = elections
    self.proposals = proposals
    self.crashes = crashes
    self.hasSlowDisks = hasSlowDisks
  }

  /// The limits in words.
  public var description: String {
    let disks = self.hasSlowDisks ? "slow" : "fast"
    return "\(self.elections) elections, \(self.proposals) proposals, \(self.crashes) crashes, \(disks) disks"
  }

  /// From what is done in a second to two terms, three entries (one of each leader and a command) and a crash.
  public static let ladder = [
    SmallWorldLimits(elections: 1, proposals: 2, crashes: 0, hasSlowDisks: true),
    SmallWorldLimits(elections: 1, proposals: 2, crashes: 1, hasSlowDisks: true),
    SmallWorldLimits(elections: 2, proposals: 0, crashes: 0, hasSlowDisks: true),
    SmallWorldLimits(elections: 2, proposals: 0, crashes: 1, hasSlowDisks: true),
    SmallWorldLimits(elections: 2, proposals: 1, crashes: 0, hasSlowDisks: true),
    SmallWorldLimits(elections: 2, proposals: 1, crashes: 1, hasSlowDisks: false),
    SmallWorldLimits(elections: 2, proposals: 1, crashes: 1, hasSlowDisks: true),
  ]
}

/// What came of going through a small world.
public struct SmallWorldReport: Sendable {
  /// States, counting those once that differ in nothing but the names of two members.
  public var states = 0
  /// Steps from state to state.
  public var steps = 0
  /// States of single members, each of which the real core was brought into.
  public var memberStates = 0
  /// Messages that are ever said.
  public var messages = 0
  /// The most leaders, one per term, in a state.
  public var leaders = 0
  /// The most entries decided in a state, those included with which the group begins.
  public var decided = 0
  /// Whether everything was gone through, and not only as many states as were asked for.
  public var isComplete = true
  /// What must never be, and how it came to that.
  public var violation: String?
}
