// SPDX-License-Identifier: Apache-2.0

import Testing

/// Bugs that others had, as conversations in which ours must do better.
@Suite("Scripts: what went wrong elsewhere")
struct BugScripts {
  @Test("two leaders each begin a change before an entry of their own term is decided (Ongaro, raft-dev, 2015)")
  func singleServerChange() throws {
    try Script(
      """
      group 4
      campaign 1
      settle

      # The first leader's change reaches nobody.
      change 1 add-learner
      drop
      ----
      1>2 [2] after 5@2: 6@2={1 voter, 2 voter, 3 voter, 4 voter, 6 learner}, commit 5
      1>3 [2] after 5@2: 6@2={1 voter, 2 voter, 3 voter, 4 voter, 6 learner}, commit 5
      1>4 [2] after 5@2: 6@2={1 voter, 2 voter, 3 voter, 4 voter, 6 learner}, commit 5
      1>6 [2] do you have 6@2? commit 5

      # The second one can't begin a change before its own entry is decided.
      cut 1
      campaign 2
      deliver
      deliver
      deliver
      deliver
      change 2 remove 4
      ----
      2: preCandidate in term 2
      2>1 [2] would you vote for me in 3? my log ends at 5@2
      2>3 [2] would you vote for me in 3? my log ends at 5@2
      2>4 [2] would you vote for me in 3? my log ends at 5@2
      3>2 [2] I would in 3
      4>2 [2] I would in 3
      2: candidate in term 3
      2>1 [3] vote for me; my log ends at 5@2
      2>3 [3] vote for me; my log ends at 5@2
      2>4 [3] vote for me; my log ends at 5@2
      3: follower in term 3
      3>2 [3] you have my vote
      4: follower in term 3
      4>2 [3] you have my vote
      2: leader in term 3
      2>1 [3] after 5@2: 6@3, commit 5
      2>3 [3] after 5@2: 6@3, commit 5
      2>4 [3] after 5@2: 6@3, commit 5
      2: membershipChangeInFlight: this leader hasn't committed an entry yet

      settle

      change 2 remove 4
      ----
      2>3 [3] after 6@3: 7@3={1 voter, 2 voter, 3 voter, 4 outgoing}, commit 6
      2>4 [3] after 6@3: 7@3={1 voter, 2 voter, 3 voter, 4 outgoing}, commit 6
      """
    ).play()
  }

  @Test("the members that hold the joint configuration find a leader, whoever has heard that it is decided (etcd #12359)")
  func jointOnAppend() throws {
    try Script(
      """
      group 4
      campaign 1
      settle

      # The joint configuration gets to 2 and 3, and only 3 hears that it is decided; then the leader dies.
      change 1 remove 4
      deliver 1>2
      deliver 1>3
      deliver 2>1
      deliver 3>1
      deliver 1>3
      crash 1
      drop
      members 2
      members 3
      members 4
      ----
      1>2 [2] after 5@2: 6@2={1 voter, 2 voter, 3 voter, 4 outgoing}, commit 5
      1>3 [2] after 5@2: 6@2={1 voter, 2 voter, 3 voter, 4 outgoing}, commit 5
      1>4 [2] after 5@2: 6@2={1 voter, 2 voter, 3 voter, 4 outgoing}, commit 5
      2>1 [2] I have 6
      3>1 [2] I have 6
      1: commits 6
      1: applies 6
      1>2 [2] after 6@2: 7@2={1 voter, 2 voter, 3 voter}, commit 6
      1>3 [2] after 6@2: 7@2={1 voter, 2 voter, 3 voter}, commit 6
      1>4 [2] after 6@2: 7@2={1 voter, 2 voter, 3 voter}, commit 6
      3: commits 6
      3: applies 6
      3>1 [2] I have 7
      1 voter, 2 voter, 3 voter, 4 outgoing
      1 voter, 2 voter, 3 voter
      1 voter, 2 voter, 3 voter, 4 voter

      # 2 holds less than 3.
      campaign 2
      settle
      ----
      2: preCandidate in term 2
      2>1 [2] would you vote for me in 3? my log ends at 6@2
      2>3 [2] would you vote for me in 3? my log ends at 6@2
      2>4 [2] would you vote for me in 3? my log ends at 6@2
      3>2 [2] I would not in 3
      4>2 [2] I would in 3

      # 3 holds the configuration that follows the joint one: it needs 2 of 1, 2, 3.
      campaign 3
      settle
      members 2
      status
      ----
      3: preCandidate in term 2
      3>1 [2] would you vote for me in 3? my log ends at 7@2
      3>2 [2] would you vote for me in 3? my log ends at 7@2
      2>3 [2] I would in 3
      3: candidate in term 3
      3>1 [3] vote for me; my log ends at 7@2
      3>2 [3] vote for me; my log ends at 7@2
      2: follower in term 3
      2>3 [3] you have my vote
      3: leader in term 3
      3>1 [3] after 7@2: 8@3, commit 6
      3>2 [3] after 7@2: 8@3, commit 6
      2>3 [3] I lack 7, try 6@2
      3>2 [3] after 6@2: 7@2={1 voter, 2 voter, 3 voter} 8@3, commit 6
      2: commits 6
      2: applies 6
      2>3 [3] I have 8
      3: commits 8
      3: applies 8
      3>2 [3] I lead, commit 8
      2: commits 8
      2: applies 8
      1 voter, 2 voter, 3 voter
      2: follower in term 3, leader 3, commit 8 of 8
      3: leader in term 3, leader 3, commit 8 of 8
      4: follower in term 2, leader 1, commit 5 of 5
      """
    ).play()
  }

  @Test("a member that was cut off with a higher term is told by its answers, and comes back (etcd #8334)")
  func higherTerm() throws {
    try Script(
      """
      group 3
      campaign 1
      settle

      # Member 3 raises its term: its pre-vote was granted, and its request for a vote is lost.
      campaign 3
      deliver 3>2
      deliver 2>3
      drop
      ----
      3: preCandidate in term 2
      3>1 [2] would you vote for me in 3? my log ends at 4@2
      3>2 [2] would you vote for me in 3? my log ends at 4@2
      2>3 [2] I would in 3
      3: candidate in term 3
      3>1 [3] vote for me; my log ends at 4@2
      3>2 [3] vote for me; my log ends at 4@2

      # The leader speaks in an older term, and is told.
      propose 1 a
      deliver 1>3
      deliver 3>1
      ----
      1>2 [2] after 4@2: 5@2=a, commit 4
      1>3 [2] after 4@2: 5@2=a, commit 4
      3>1 [3] you are late
      1: follower in term 3

      drop
      campaign 1
      settle

      status
      ----
      1: leader in term 4, leader 1, commit 6 of 6
      2: follower in term 4, leader 1, commit 6 of 6
      3: follower in term 4, leader 1, commit 6 of 6
      """
    ).play()
  }

  @Test("a transfer that a lost leadership cut short leaves nothing behind (hashicorp #493, #696)")
  func transferLeftovers() throws {
    try Script(
      """
      group 3
      campaign 1
      settle

      transfer 1 3
      propose 1 a
      ----
      1>3 [2] take over
      1: busy: leadership is being handed over

      # The word to 3 is lost, and 2 is elected meanwhile.
      drop
      wait 2000
      tick 1
      campaign 2
      settle

      campaign 1
      settle

      propose 1 b
      ----
      1>2 [4] after 6@4: 7@4=b, commit 6
      1>3 [4] after 6@4: 7@4=b, commit 6
      """
    ).play()
  }

  @Test("the acknowledgement of an entry that was overwritten meanwhile counts for nothing (etcd: append_aba_race)")
  func abaRace() throws {
    try Script(
      """
      group 3
      campaign 1
      settle

      # Member 2 gets an entry, and its disk is slow. The leader loses power before its own disk has it.
      slow 1
      slow 2
      propose 1 a
      deliver 1>2
      drop
      crash 1
      fast 1
      restart 1
      log 1
      log 2
      ----
      1>2 [2] after 4@2: 5@2=a, commit 4
      1>3 [2] after 4@2: 5@2=a, commit 4
      1 1 1 2
      1 1 1 2 2

      # 3 is elected by 1, and puts another entry in its place.
      campaign 3
      settle
      log 2
      ----
      3: preCandidate in term 2
      3>1 [2] would you vote for me in 3? my log ends at 4@2
      3>2 [2] would you vote for me in 3? my log ends at 4@2
      1>3 [2] I would in 3
      2>3 [2] I would not in 3
      3: candidate in term 3
      3>1 [3] vote for me; my log ends at 4@2
      3>2 [3] vote for me; my log ends at 4@2
      1: follower in term 3
      1>3 [3] you have my vote
      2: follower in term 3
      3: leader in term 3
      3>1 [3] after 4@2: 5@3, commit 4
      3>2 [3] after 4@2: 5@3, commit 4
      1: commits 4
      1: applies 4
      1>3 [3] I have 5
      3: commits 5
      3: applies 5
      3>1 [3] I lead, commit 5
      1: commits 5
      1: applies 5
      1 1 1 2 3

      # The first write is done: it vouches for nothing that is there now.
      sync 2 1
      ----

      sync 2
      ----
      2>3 [3] no
      2>3 [3] I have 5
      """
    ).play()
  }

  @Test("a read isn't confirmed by an answer to an earlier question (etcd #20418)")
  func staleRead() throws {
    try Script(
      """
      group 3
      campaign 1
      settle

      read 1 1
      ----
      1>2 [2] I lead, commit 4, round 1
      1>3 [2] I lead, commit 4, round 1

      deliver 1>2
      repeat 2>1
      ----
      2>1 [2] you lead, round 1
      1: may serve read 1 at 4

      # The same answer once more, and another read meanwhile.
      read 1 2
      deliver 2>1
      ----
      1>2 [2] I lead, commit 4, round 2
      1>3 [2] I lead, commit 4, round 2

      settle
      ----
      3>1 [2] you lead, round 1
      2>1 [2] you lead, round 2
      3>1 [2] you lead, round 2
      1: may serve read 2 at 4
      """
    ).play()
  }

  @Test(
    "a leader that removes itself doesn't count itself, and another leads when it is gone (etcd: confchange_v1_remove_leader)"
  )
  func removeLeader() throws {
    try Script(
      """
      group 2
      campaign 1
      settle

      change 1 remove 1
      ----
      1>2 [2] after 3@2: 4@2={1 outgoing, 2 voter}, commit 3

      # The joint configuration needs both.
      deliver 1>2
      deliver 2>1
      ----
      2>1 [2] I have 4
      1: commits 4
      1: applies 4
      1>2 [2] after 4@2: 5@2={2 voter}, commit 4

      # The one without the leader needs only the other; its successor is told at once.
      deliver 1>2
      deliver 2>1
      ----
      2: commits 4
      2: applies 4
      2>1 [2] I have 5
      1: follower in term 2
      1: commits 5
      1: applies 5
      1>2 [2] I lead, commit 5
      1>2 [2] take over

      settle
      status
      ----
      2: commits 5
      2: applies 5
      2: leader in term 3
      2: commits 6
      2: applies 6
      1: follower in term 2, leader nobody, commit 5 of 5
      2: leader in term 3, leader 2, commit 6 of 6
      """
    ).play()
  }

  @Test("an acknowledgement of what the leader never had does no harm (etcd: tocommit is out of range)")
  func nonsense() throws {
    try Script(
      """
      group 3
      campaign 1
      settle

      # Member 2 comes back with an empty disk under its old name, which must not be done.
      propose 1 a
      settle
      crash 2
      join 2

      propose 1 b
      deliver 1>2
      deliver 2>1
      ----
      1>2 [2] after 5@2: 6@2=b, commit 5
      1>3 [2] after 5@2: 6@2=b, commit 5
      2: follower in term 2
      2>1 [2] I lack 5, try 0@0

      # Whatever it says, it isn't believed, and the others go on.
      settle
      status
      ----
      3>1 [2] I have 6
      1: commits 6
      1: applies 6
      1>3 [2] I lead, commit 6
      3: commits 6
      3: applies 6
      1: leader in term 2, leader 1, commit 6 of 6
      2: follower in term 2, leader 1, commit 0 of 0
      3: follower in term 2, leader 1, commit 6 of 6
      """
    ).play()
  }
}
