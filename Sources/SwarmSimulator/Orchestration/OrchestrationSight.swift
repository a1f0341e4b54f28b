// SPDX-License-Identifier: Apache-2.0

/// What has to be seen in many runs, so that they prove something.
enum OrchestrationSight: Int, CaseIterable, Sendable {
  // Managers
  case leaderChanged, leaderChangedInUpdate, tailKept, tailLost, proposalRefused, deposedLeaderTurned, deposedLeaderStopped
  case managerRestarted, snapshotInstalled, digestsCompared, clockJumped, turnCut
  // Requests
  case requestRefused, requestOutOfSequence, requestRetried, retrySuppressed
  // Nodes and their sessions
  case nodeDown, nodeBack, nodeDrained, nodePaused, nodeRemoved, relabelled, sessionSuperseded, streamLost, gossipGone, nodeShrunk
  case nodeUnknown
  case agentRestarted, taskAdopted, powerLost
  // Lies
  case staleSessionRefused, foreignTaskRefused, wentBackwards, falseEnd
  // Tasks
  case taskWaited, taskFailed, taskRejected, taskMisplaced, taskOversized, taskOrphaned, restartDelayed, attemptsUsedUp,
    endForgotten
  case secretDelivered, secretWithdrawn, configDelivered, configWithdrawn, drainedStartFirst, jobCompleted, jobRunAgain,
    historyRemoved, serviceRemoved
  case globalTaskWaited, globalTaskGotRoom
  // Updates
  case updateBegan, updateCompleted, updatePaused, updateSuperseded, globalUpdated, rolledBack, rollbackCompleted
  case rollbackPaused, rolledBackByHand, startedAfterStop, stopTimedOut, stoppedAfterStart, failuresAccepted, ratioExceeded
  // Wishes
  case namedThingTaken, thingsCounted, rackPreferred, packed, neighbourFound, strangerAvoided, pluginFound
  case dependentBegan, scheduleRan
  // Ends
  case quiet, planCameTrue, wholeNodesFree
}
