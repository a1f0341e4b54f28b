// SPDX-License-Identifier: Apache-2.0

#if PLANTED_BUGS
  internal import Raft

  /// A bug that another implementation really had, and that this build can be made to have.
  public struct PlantedBug: Sendable {
    /// Its number, here and in `Sources/Raft`.
    public let number: Int
    /// What is wrong with it awake, and who had it.
    public let summary: String

    /// Wakes the bug in all members of all groups; `nil` puts the one that is awake to sleep.
    public static func select(_ bug: PlantedBug?) { Raft.PlantedBug.select(bug?.number ?? 0) }

    /// All of them.
    public static let all: [PlantedBug] = [
      .init(number: 1, summary: "members change one by one before the leader committed in its term (Ongaro, 2015)"),
      .init(number: 2, summary: "a configuration holds when it is committed, not when it is in the log (etcd #12359)"),
      .init(number: 3, summary: "a refused pre-vote doesn't bring the newer term along (openraft #1796)"),
      .init(number: 5, summary: "the word of a leader of an older term isn't answered (etcd #8334)"),
      .init(number: 6, summary: "a new voter refuses to vote until it has applied its promotion (etcd)"),
      .init(number: 7, summary: "updating a learner makes it a voter (etcd #21737)"),
      .init(number: 8, summary: "a promotion isn't there any more after a restart (etcd #19563)"),
      .init(number: 9, summary: "a member is promoted before it has caught up (etcd #15097)"),
      .init(number: 10, summary: "the identity of a removed member is used again (etcd #21178)"),
      .init(number: 11, summary: "removed members disturb: no pre-vote, and votes although a leader is alive (hashicorp #524)"),
      .init(number: 12, summary: "a leader that is being removed counts itself for commits (etcd)"),
      .init(number: 13, summary: "only the leader that began a joint configuration ends it (openraft)"),
      .init(number: 14, summary: "an interrupted transfer is never forgotten (hashicorp #493, #696)"),
      .init(number: 16, summary: "a vote leaves before it is on the disk"),
      .init(number: 17, summary: "a leader counts its own log before it is on the disk (etcd #14370)"),
      .init(number: 18, summary: "an entry is applied twice after a restart (etcd #13766)"),
      .init(number: 20, summary: "a completed write vouches for entries that replaced what it wrote (etcd)"),
      .init(number: 23, summary: "a snapshot lacks the configuration (swarmkit 4f4bdf9)"),
      .init(number: 24, summary: "the log goes on behind an installed snapshot without saying so (raft-wal)"),
      .init(number: 26, summary: "recovery cuts the log at damage in its middle (PAR, FAST '18)"),
      .init(number: 28, summary: "a leader leads on although its disk hangs (hashicorp #503)"),
      .init(number: 29, summary: "an old answer confirms later reads (etcd #20418)"),
      .init(number: 30, summary: "a leader reads without asking anybody (consul, early etcd)"),
      .init(number: 31, summary: "entries of earlier terms are committed by counting (Raft paper, figure 8)"),
      .init(number: 101, summary: "a retried request is carried out again"),
      .init(number: 102, summary: "a lease is taken to last for ever"),
      .init(number: 103, summary: "a follower votes inside a lease that it promised to keep"),
    ]
  }
#endif
