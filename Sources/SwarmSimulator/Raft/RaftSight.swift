// SPDX-License-Identifier: Apache-2.0

/// What hard runs of a Raft group must have seen.
enum RaftSight: Int, CaseIterable, Sendable {
  // Elections
  case leaderElected, leaderChanged, severalElectionsForOneLeader, stepDownForLackOfContact, stepDownForStalledDisk
  case staleLeaderBesideNewOne, voteRefused, preVoteRefused, removedMemberAskedForVotes
  // Logs
  case tailOverwritten, earlierTermOnMajority, logReadForMember, decidedEntriesReadFromDisk, appendRejected
  // Disks
  case crashWhileIdle, crashDuringWrite, crashDuringSegmentStart, crashDuringPublish, crashDuringRecycle, crashInsideTurn
  case writeLost, writeTorn, writeKeptUnacknowledged, processKilled, tornTailCut, damageRefused, syncFailed
  case segmentStarted, segmentRecycled, diskStalled, writeWaitedForRoom, snapshotWithoutRoom
  // Snapshots
  case snapshotTaken, snapshotSent, snapshotSendFailed, snapshotInstalled, snapshotInstalledOverEntries, snapshotIgnored
  case startedFromSnapshot, snapshotStreamBroke, snapshotResumed, snapshotTransferAbandoned
  // Membership
  case memberAdded, jointEntered, jointLeft, jointLeftByAnotherLeader, memberPromoted, memberRemoved, leaderRemovedItself
  case changeRefused
  // Transfers
  case transferBegan, transferDone, transferAbandoned
  // Network and clocks
  case messageLost, messageDoubled, messageOvertaken, linkCut, frameCoded, memberPaused, leaderPaused, clockJumped, machineStalled
  // Clients
  case writeAcknowledged, retrySuppressed, outcomeUnknown, proposalRefusedAsBusy, clientGaveUp, sessionExpired
  case readByLeader, readByFollower, readFailed, swapFailed
  // Ends
  case calmForEverybody, calmForQuorum
}
