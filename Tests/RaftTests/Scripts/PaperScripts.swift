// SPDX-License-Identifier: Apache-2.0

import Testing

/// The figures of the Raft paper (Ongaro and Ousterhout, extended version) as conversations.
@Suite("Scripts: the figures of the paper")
struct PaperScripts {
  @Test("figure 2: an election, an entry, a commit, a heartbeat")
  func figure2() throws {
    try Script(
      """
      group 3

      # Pre-vote first (thesis, section 9.6): nobody's term is raised before the election can be won.
      campaign 1
      ----
      1: preCandidate in term 1
      1>2 [1] would you vote for me in 2? my log ends at 3@1
      1>3 [1] would you vote for me in 2? my log ends at 3@1

      deliver
      ----
      2>1 [1] I would in 2
      3>1 [1] I would in 2

      deliver
      ----
      1: candidate in term 2
      1>2 [2] vote for me; my log ends at 3@1
      1>3 [2] vote for me; my log ends at 3@1

      # Votes are asked for in the new term.
      deliver
      ----
      2: follower in term 2
      2>1 [2] you have my vote
      3: follower in term 2
      3>1 [2] you have my vote

      # The first vote makes the leader; it begins with an entry of its own term.
      deliver
      ----
      1: leader in term 2
      1>2 [2] after 3@1: 4@2, commit 3
      1>3 [2] after 3@1: 4@2, commit 3

      settle

      propose 1 x
      ----
      1>2 [2] after 4@2: 5@2=x, commit 4
      1>3 [2] after 4@2: 5@2=x, commit 4

      deliver 1>2
      ----
      2>1 [2] I have 5

      # One of two followers is enough.
      deliver 2>1
      ----
      1: commits 5
      1: applies 5
      1>2 [2] I lead, commit 5

      deliver 1>3
      deliver 3>1
      ----
      3>1 [2] I have 5
      1>3 [2] I lead, commit 5

      wait 100
      tick 1
      ----
      1>2 [2] I lead, commit 5, round 1
      1>3 [2] I lead, commit 5, round 1

      settle
      ----
      2: commits 5
      2: applies 5
      3: commits 5
      3: applies 5
      2>1 [2] you lead, round 1
      3>1 [2] you lead, round 1
      """
    ).play()
  }

  @Test("figure 6 and 3: the log matches everywhere before anything new is taken; what is asked again changes nothing")
  func figure3() throws {
    try Script(
      """
      group 3
      campaign 1
      settle

      propose 1 a b
      repeat 1>2
      ----
      1>2 [2] after 4@2: 5@2=a 6@2=b, commit 4
      1>3 [2] after 4@2: 5@2=a 6@2=b, commit 4
      2>1 [2] I have 6

      # The same message again: the same answer, and nothing twice in the log.
      deliver 1>2
      log 2
      ----
      2>1 [2] I have 6
      1 1 1 2 2 2

      settle
      status
      ----
      3>1 [2] I have 6
      1: commits 6
      1: applies 6
      1>2 [2] I lead, commit 6
      1>3 [2] I lead, commit 6
      2: commits 6
      2: applies 6
      3: commits 6
      3: applies 6
      1: leader in term 2, leader 1, commit 6 of 6
      2: follower in term 2, leader 1, commit 6 of 6
      3: follower in term 2, leader 1, commit 6 of 6
      """
    ).play()
  }

  @Test("figure 7: a new leader brings followers of six kinds in line, by at most two attempts each")
  func figure7() throws {
    try Script(
      """
      # The first seven entries found the group, and the figure's logs stand behind them.
      group 7
      disk 1 1 1 1 4 4 5 5 6 6 6
      disk 2 1 1 1 4 4 5 5 6 6
      disk 3 1 1 1 4
      disk 4 1 1 1 4 4 5 5 6 6 6 6
      disk 5 1 1 1 4 4 5 5 6 6 6 7 7
      disk 6 1 1 1 4 4 4 4
      disk 7 1 1 1 2 2 2 3 3 3 3 3
      term 1 7

      # (c) and (d) have more than the leader-to-be, and don't vote for it; the others do.
      campaign 1
      drop 1>4
      drop 1>5
      deliver
      deliver
      drop 1>4
      drop 1>5
      deliver
      ----
      1: preCandidate in term 7
      1>2 [7] would you vote for me in 8? my log ends at 17@6
      1>3 [7] would you vote for me in 8? my log ends at 17@6
      1>4 [7] would you vote for me in 8? my log ends at 17@6
      1>5 [7] would you vote for me in 8? my log ends at 17@6
      1>6 [7] would you vote for me in 8? my log ends at 17@6
      1>7 [7] would you vote for me in 8? my log ends at 17@6
      2>1 [6] I would in 8
      3>1 [4] I would in 8
      6>1 [4] I would in 8
      7>1 [3] I would in 8
      1: candidate in term 8
      1>2 [8] vote for me; my log ends at 17@6
      1>3 [8] vote for me; my log ends at 17@6
      1>4 [8] vote for me; my log ends at 17@6
      1>5 [8] vote for me; my log ends at 17@6
      1>6 [8] vote for me; my log ends at 17@6
      1>7 [8] vote for me; my log ends at 17@6
      2: follower in term 8
      2>1 [8] you have my vote
      3: follower in term 8
      3>1 [8] you have my vote
      6: follower in term 8
      6>1 [8] you have my vote
      7: follower in term 8
      7>1 [8] you have my vote

      deliver
      ----
      1: leader in term 8
      1>2 [8] after 17@6: 18@8, commit 7
      1>3 [8] after 17@6: 18@8, commit 7
      1>4 [8] after 17@6: 18@8, commit 7
      1>5 [8] after 17@6: 18@8, commit 7
      1>6 [8] after 17@6: 18@8, commit 7
      1>7 [8] after 17@6: 18@8, commit 7

      # (a), missing one entry.
      deliver 1>2
      deliver 2>1
      deliver 1>2
      log 2
      ----
      2>1 [8] I lack 17, try 16@6
      1>2 [8] after 16@6: 17@6=6 18@8, commit 7
      2>1 [8] I have 18
      1 1 1 1 1 1 1 1 1 1 4 4 5 5 6 6 6 8

      # (b), missing many.
      deliver 1>3
      deliver 3>1
      deliver 1>3
      log 3
      ----
      3>1 [8] I lack 17, try 11@4
      1>3 [8] after 11@4: 12@4=4 13@5=5 14@5=5 15@6=6 16@6=6 17@6=6 18@8, commit 7
      3>1 [8] I have 18
      1 1 1 1 1 1 1 1 1 1 4 4 5 5 6 6 6 8

      # (c), one too many.
      deliver 1>4
      log 4
      ----
      4: follower in term 8
      4>1 [8] I have 18
      1 1 1 1 1 1 1 1 1 1 4 4 5 5 6 6 6 8

      # (d), two of a term that the leader never heard of.
      deliver 1>5
      log 5
      ----
      5: follower in term 8
      5>1 [8] I have 18
      1 1 1 1 1 1 1 1 1 1 4 4 5 5 6 6 6 8

      # (e), missing some and having others.
      deliver 1>6
      deliver 6>1
      deliver 1>6
      log 6
      ----
      6>1 [8] I lack 17, try 14@4
      1>6 [8] after 12@4: 13@5=5 14@5=5 15@6=6 16@6=6 17@6=6 18@8, commit 7
      6>1 [8] I have 18
      1 1 1 1 1 1 1 1 1 1 4 4 5 5 6 6 6 8

      # (f), a leader of terms 2 and 3 that never reached anybody.
      deliver 1>7
      deliver 7>1
      deliver 1>7
      log 7
      ----
      7>1 [8] I lack 17, try 17@3
      1>7 [8] after 10@1: 11@4=4 12@4=4 13@5=5 14@5=5 15@6=6 16@6=6 17@6=6 18@8, commit 7
      7>1 [8] I have 18
      1 1 1 1 1 1 1 1 1 1 4 4 5 5 6 6 6 8

      settle
      log 1
      log 7
      ----
      1>2 [8] I lead, commit 7
      1>3 [8] I lead, commit 7
      1: commits 18
      1: applies 18
      1>2 [8] I lead, commit 18
      1>3 [8] I lead, commit 18
      1>4 [8] I lead, commit 18
      1>5 [8] I lead, commit 18
      1>6 [8] I lead, commit 18
      1>7 [8] I lead, commit 18
      2: commits 18
      2: applies 18
      3: commits 18
      3: applies 18
      4: commits 18
      4: applies 18
      5: commits 18
      5: applies 18
      6: commits 18
      6: applies 18
      7: commits 18
      7: applies 18
      1 1 1 1 1 1 1 1 1 1 4 4 5 5 6 6 6 8
      1 1 1 1 1 1 1 1 1 1 4 4 5 5 6 6 6 8
      """
    ).play()
  }

  @Test("figure 8: an entry of an older term isn't decided by being on a majority of disks")
  func figure8() throws {
    try Script(
      """
      one-entry-per-message
      group 5

      # (a) Member 1 leads term 2, and its entry reaches only member 2.
      campaign 1
      settle

      propose 1 two
      deliver 1>2
      drop
      log 2
      ----
      1>2 [2] after 6@2: 7@2=two, commit 6
      1>3 [2] after 6@2: 7@2=two, commit 6
      1>4 [2] after 6@2: 7@2=two, commit 6
      1>5 [2] after 6@2: 7@2=two, commit 6
      2>1 [2] I have 7
      1 1 1 1 1 2 2

      # (b) Member 1 crashes; member 5 is elected by 3 and 4, and its entry of term 3 reaches nobody.
      crash 1
      cut 2
      campaign 5
      deliver
      deliver
      deliver
      deliver
      drop
      log 5
      ----
      5: preCandidate in term 2
      5>1 [2] would you vote for me in 3? my log ends at 6@2
      5>2 [2] would you vote for me in 3? my log ends at 6@2
      5>3 [2] would you vote for me in 3? my log ends at 6@2
      5>4 [2] would you vote for me in 3? my log ends at 6@2
      3>5 [2] I would in 3
      4>5 [2] I would in 3
      5: candidate in term 3
      5>1 [3] vote for me; my log ends at 6@2
      5>2 [3] vote for me; my log ends at 6@2
      5>3 [3] vote for me; my log ends at 6@2
      5>4 [3] vote for me; my log ends at 6@2
      3: follower in term 3
      3>5 [3] you have my vote
      4: follower in term 3
      4>5 [3] you have my vote
      5: leader in term 3
      5>1 [3] after 6@2: 7@3, commit 6
      5>2 [3] after 6@2: 7@3, commit 6
      5>3 [3] after 6@2: 7@3, commit 6
      5>4 [3] after 6@2: 7@3, commit 6
      1 1 1 1 1 2 3

      # (c) Member 5 crashes; member 1 is back, learns of term 3 by its first attempt, and is elected by 2 and 3.
      crash 5
      restart 1
      mend 2
      cut 4
      campaign 1
      settle
      campaign 1
      deliver
      deliver
      deliver
      deliver
      ----
      1: preCandidate in term 2
      1>2 [2] would you vote for me in 3? my log ends at 7@2
      1>3 [2] would you vote for me in 3? my log ends at 7@2
      1>4 [2] would you vote for me in 3? my log ends at 7@2
      1>5 [2] would you vote for me in 3? my log ends at 7@2
      2>1 [2] I would in 3
      3>1 [3] I would not in 3
      1: follower in term 3
      1: preCandidate in term 3
      1>2 [3] would you vote for me in 4? my log ends at 7@2
      1>3 [3] would you vote for me in 4? my log ends at 7@2
      1>4 [3] would you vote for me in 4? my log ends at 7@2
      1>5 [3] would you vote for me in 4? my log ends at 7@2
      2>1 [2] I would in 4
      3>1 [3] I would in 4
      1: candidate in term 4
      1>2 [4] vote for me; my log ends at 7@2
      1>3 [4] vote for me; my log ends at 7@2
      1>4 [4] vote for me; my log ends at 7@2
      1>5 [4] vote for me; my log ends at 7@2
      2: follower in term 4
      2>1 [4] you have my vote
      3: follower in term 4
      3>1 [4] you have my vote
      1: leader in term 4
      1>2 [4] after 7@2: 8@4, commit 6
      1>3 [4] after 7@2: 8@4, commit 6
      1>4 [4] after 7@2: 8@4, commit 6
      1>5 [4] after 7@2: 8@4, commit 6

      # It goes on with replication: 3 lacks the entry of term 2, and gets it.
      deliver 1>3
      deliver 3>1
      deliver 1>3
      deliver 3>1
      log 3
      ----
      3>1 [4] I lack 7, try 6@2
      1>3 [4] after 6@2: 7@2=two, commit 6
      3>1 [4] I have 7
      1>3 [4] after 7@2: 8@4, commit 6
      1 1 1 1 1 2 2

      # Now it is on three of five disks, and not decided.
      status 1
      ----
      1: leader in term 4, leader 1, commit 6 of 8

      # (e) Only an entry of the leader's own term decides, and with it all before it.
      deliver 1>3
      deliver 3>1
      deliver 1>2
      deliver 2>1
      ----
      3>1 [4] I have 8
      2>1 [4] I have 8
      1: commits 8
      1: applies 8
      1>2 [4] I lead, commit 8
      1>3 [4] I lead, commit 8
      """
    ).play()
  }

  @Test("figure 10 and 11: a joint configuration needs both majorities, then it is left")
  func figure11() throws {
    try Script(
      """
      group 3
      campaign 1
      settle

      # The new configuration of 1 and 2 holds as soon as it is in the log, together with the old one.
      change 1 remove 3
      ----
      1>2 [2] after 4@2: 5@2={1 voter, 2 voter, 3 outgoing}, commit 4
      1>3 [2] after 4@2: 5@2={1 voter, 2 voter, 3 outgoing}, commit 4

      # 1 and 3 are a majority of the old set, but not of the new one.
      deliver 1>3
      deliver 3>1
      ----
      3>1 [2] I have 5

      # With 2 it is decided; the leader leaves the joint configuration by itself.
      deliver 1>2
      deliver 2>1
      ----
      2>1 [2] I have 5
      1: commits 5
      1: applies 5
      1>2 [2] after 5@2: 6@2={1 voter, 2 voter}, commit 5
      1>3 [2] after 5@2: 6@2={1 voter, 2 voter}, commit 5

      settle
      members 1
      members 3
      ----
      2: commits 5
      2: applies 5
      2>1 [2] I have 6
      3: commits 5
      3: applies 5
      3>1 [2] I have 6
      1: commits 6
      1: applies 6
      1>2 [2] I lead, commit 6
      1>3 [2] I lead, commit 6
      2: commits 6
      2: applies 6
      3: commits 6
      3: applies 6
      1 voter, 2 voter
      1 voter, 2 voter
      """
    ).play()
  }

  @Test("figure 12 and 13: a follower that lacks what was compacted gets a snapshot, then the log from there")
  func figure13() throws {
    try Script(
      """
      keep-nothing-behind-snapshots
      group 3
      campaign 1
      settle
      crash 3
      propose 1 a
      propose 1 b
      settle
      snapshot 1

      restart 3
      propose 1 c
      deliver 1>3
      deliver 3>1
      ----
      1>2 [2] after 6@2: 7@2=c, commit 6
      1>3 [2] after 6@2: 7@2=c, commit 6
      3>1 [2] I lack 6, try 4@2
      1: needs a snapshot for 3

      stream 1 3
      deliver 1>3
      ----
      3: commits 6
      3: applies 6
      3>1 [2] I have 6

      settle
      log 3
      status
      ----
      2>1 [2] I have 7
      1>3 [2] after 6@2: 7@2=c, commit 6
      1: commits 7
      1: applies 7
      1>2 [2] I lead, commit 7
      3>1 [2] I have 7
      2: commits 7
      2: applies 7
      1>3 [2] I lead, commit 7
      3: commits 7
      3: applies 7
      6@2 | 2
      1: leader in term 2, leader 1, commit 7 of 7
      2: follower in term 2, leader 1, commit 7 of 7
      3: follower in term 2, leader 1, commit 7 of 7
      """
    ).play()
  }
}
