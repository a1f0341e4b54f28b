// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

/// The limits and times of the control loop; the defaults are those of the design.
package struct ControlConfiguration: Sendable, Hashable {
  /// The manager that leads; stored with the task statuses that it applied.
  package var leader: NodeID?
  /// How long a node's session stream may be lost before the node is down.
  ///
  /// Default: 2 s.
  package var streamLossGrace: Duration
  /// How many heartbeats may be missed before a node is down.
  ///
  /// Default: 3.
  package var missedHeartbeats: Int
  /// By how much the period told to nodes is varied, either way.
  ///
  /// Default: 0.5 s, at most a tenth of the period.
  package var heartbeatJitter: Duration
  /// How many sessions a node may open within ``registrationWindow``.
  ///
  /// Default: 3.
  package var registrationLimit: Int
  /// See ``registrationLimit``.
  ///
  /// Default: 8 s.
  package var registrationWindow: Duration
  /// How long a replacement waits for the task before it to stop.
  ///
  /// Default: 1 min.
  package var stopTimeout: Duration
  /// After which time the tasks of a node that is down are given up.
  ///
  /// Default: 24 h.
  package var orphanTimeout: Duration
  /// How long history waits for company before it is removed.
  ///
  /// Default: 250 ms.
  package var reapDelay: Duration
  /// How long nothing is moved after nodes came or a task was moved.
  ///
  /// Default: 30 s.
  package var rebalanceDelay: Duration
  /// The most bytes that an entry of the log should have.
  ///
  /// Default: 256 KiB.
  package var maximumEntrySize: Int
  /// The most own proposals that wait for the log at a time.
  ///
  /// Default: 8.
  package var maximumInFlight: Int
  /// The most slots that one turn looks at, or fills.
  ///
  /// Default: 8192.
  package var slotsPerTurn: Int
  /// How long nothing is proposed after a proposal failed.
  ///
  /// Default: 50 ms.
  package var retryDelay: Duration
  /// How long agents may wait to hear of their tasks while more is being decided.
  ///
  /// Default: 50 ms.
  package var assignmentDelay: Duration
  /// After how many changed tasks and nodes a control loop at rest shares the store of its driver; with many tasks only after an eighth of them.
  ///
  /// Default: 1024.
  package var sharingInterval: Int

  package init(
    leader: NodeID? = nil,
    streamLossGrace: Duration = .seconds(2),
    missedHeartbeats: Int = 3,
    heartbeatJitter: Duration = .milliseconds(500),
    registrationLimit: Int = 3,
    registrationWindow: Duration = .seconds(8),
    stopTimeout: Duration = .seconds(60),
    orphanTimeout: Duration = .seconds(24 * 3_600),
    reapDelay: Duration = .milliseconds(250),
    rebalanceDelay: Duration = .seconds(30),
    maximumEntrySize: Int = 256 * 1_024,
    maximumInFlight: Int = 8,
    slotsPerTurn: Int = 8_192,
    retryDelay: Duration = .milliseconds(50),
    assignmentDelay: Duration = .milliseconds(50),
    sharingInterval: Int = 1_024
  ) {
    self.leader = leader
    self.streamLossGrace = streamLossGrace
    self.missedHeartbeats = missedHeartbeats
    self.heartbeatJitter = heartbeatJitter
    self.registrationLimit = registrationLimit
    self.registrationWindow = registrationWindow
    self.stopTimeout = stopTimeout
    self.orphanTimeout = orphanTimeout
    self.reapDelay = reapDelay
    self.rebalanceDelay = rebalanceDelay
    self.maximumEntrySize = maximumEntrySize
    self.maximumInFlight = maximumInFlight
    self.slotsPerTurn = slotsPerTurn
    self.retryDelay = retryDelay
    self.assignmentDelay = assignmentDelay
    self.sharingInterval = sharingInterval
  }
}
