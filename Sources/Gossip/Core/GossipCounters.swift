// SPDX-License-Identifier: Apache-2.0

/// Counts of what happened on one node since its start.
public struct GossipCounters: Hashable, Sendable {
  /// Direct probes.
  public var probes = 0
  /// Probes that others were asked to help with.
  public var indirectProbes = 0
  /// Probes that a helper's word or a stream saved.
  public var rescuedProbes = 0
  /// Probes that nobody answered.
  public var failedProbes = 0
  /// Streams opened before declaring somebody dead.
  public var secondChances = 0
  /// Second chances that were taken.
  public var secondChancesTaken = 0
  /// Times this node was accused and refuted it.
  public var refutations = 0
  /// Accusations by independent witnesses that shortened a suspicion.
  public var confirmations = 0
  /// Times this node stood still.
  public var pauses = 0
  /// Exchanges begun because digests differed, or to join or heal.
  public var exchanges = 0
  /// Exchanges that broke off.
  public var failedExchanges = 0
  /// Attempts to reach somebody who is dead or a seed that is missing.
  public var healingAttempts = 0
  /// Rumours dropped because everybody knew.
  public var retiredRumours = 0
  /// Packets and frames refused.
  public var refused = 0
  /// Rumours that contradict what is known about who is who.
  public var conflicts = 0
}
