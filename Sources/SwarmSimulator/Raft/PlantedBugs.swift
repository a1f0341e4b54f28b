// SPDX-License-Identifier: Apache-2.0

#if PLANTED_BUGS
  internal import Raft
  internal import SwarmControl

  /// A bug that another implementation really had, and that this build can be made to have.
  public struct PlantedBug: Sendable {
    /// Its number, here and in `Sources/Raft` or `Sources/SwarmControl`.
    public let number: Int
    /// What is wrong with it awake, and who had it.
    public let summary: String

    /// Wakes the bug in all members of all groups; `nil` puts the one that is awake to sleep.
    public static func select(_ bug: PlantedBug?) {
      Raft.PlantedBug.select(bug?.number ?? 0)
      SwarmControl.PlantedBug.select(bug?.number ?? 0)
    }

    /// The world in which it can be found.
    public var scenario: any Scenario {
      (33...48).contains(self.number) ? OrchestrationScenario.everything : RaftScenario.everything
    }

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
      .init(number: 33, summary: "the control loop of a lost term works on when leadership is back (moby #53632)"),
      .init(number: 34, summary: "tasks that fit nowhere are tried again without end (swarmkit 2d6aff7)"),
      .init(number: 35, summary: "a new leader doesn't take up tasks that wait for a node (swarmkit 807f25e, 1c6c9f1)"),
      .init(number: 36, summary: "completed tasks of a lost node are orphaned (swarmkit #2041)"),
      .init(number: 37, summary: "orphaned tasks keep what they reserved (swarmkit #440)"),
      .init(number: 38, summary: "a task on a node that is down stays wanted beside its replacement (nomad #1269, #2511)"),
      .init(number: 39, summary: "a failed update isn't rolled back (swarmkit fc1338c)"),
      .init(number: 40, summary: "the update of a global service waits for ever for a node without room (swarmkit #1720)"),
      .init(number: 41, summary: "nobody wakes an update after its delay (moby #37493)"),
      .init(number: 42, summary: "what can't be prepared is restarted without a delay (moby #32158)"),
      .init(number: 43, summary: "a new leader gives up nodes at once that it hasn't heard yet (moby #25017, #32218)"),
      .init(number: 44, summary: "statuses in a lost proposal are lost (swarmkit 317ad86)"),
      .init(number: 45, summary: "addresses in use are forgotten in a restart (swarmkit 5fd25d2, 61483fb)"),
      .init(number: 46, summary: "a node that is up again gets no tasks (swarmkit #1296)"),
      .init(number: 47, summary: "reserved memory isn't counted (swarmkit d67eec8)"),
      .init(number: 48, summary: "part of a restored state differs from the others' (nomad #25698)"),
      .init(number: 101, summary: "a retried request is carried out again"),
      .init(number: 102, summary: "a lease is taken to last for ever"),
      .init(number: 103, summary: "a follower votes inside a lease that it promised to keep"),
    ]
  }
#endif
