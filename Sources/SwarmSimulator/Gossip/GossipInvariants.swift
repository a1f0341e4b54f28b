// SPDX-License-Identifier: Apache-2.0

internal import Gossip

/// What must hold after every step, whatever goes wrong around it.
struct GossipInvariants: Sendable {
  /// What an observer last learned about a subject.
  private struct Sight: Sendable {
    var epoch: UInt64
    var incarnation: UInt32
    var isPresent: Bool
    var isSuspect: Bool
  }

  private struct Pair: Hashable {
    var observer: Int
    var subject: Int
  }

  private struct Announcement: Hashable {
    var subject: Int
    var epoch: UInt64
    var incarnation: UInt32
  }

  var violations: [String] = []
  private var sights: [Pair: Sight] = [:]
  private var metadata: [Announcement: [UInt8]] = [:]

  /// A restarted observer begins anew.
  mutating func forget(observer: Int) {
    for subject in 0..<self.highestSubject { self.sights[Pair(observer: observer, subject: subject)] = nil }
  }

  private var highestSubject = 0

  /// The node itself: alive in its own eyes, bounded, its epoch only its own.
  mutating func check(_ node: Int, _ nodes: [GossipNode]) {
    let core = nodes[node].core
    let own = core.own
    if own.status != .alive, own.status != .left { self.violations.append("node \(node) holds itself for \(own.status)") }
    if core.pendingRumours > 2 * nodes.count + 8192 {
      self.violations.append("node \(node) has \(core.pendingRumours) rumours waiting")
    }
    if core.openExchanges > 1024 { self.violations.append("node \(node) has \(core.openExchanges) exchanges open") }
    if core.nextDeadline < .zero { self.violations.append("node \(node) has a deadline before the beginning") }
  }

  mutating func check(
    _ event: GossipEvent,
    by observer: Int,
    at time: Duration,
    _ nodes: [GossipNode],
    _ world: borrowing GossipWorld
  ) {
    let member: GossipMember
    switch event {
    case .joined(let found), .updated(let found), .restarted(let found), .suspected(let found), .refuted(let found),
      .failed(let found), .returned(let found), .left(let found):
      member = found
    case .superseded, .conflict:
      self.violations.append("node \(observer) at \(time): \(event)")
      return
    case .forgotten(let id):
      if let subject = world.index(of: id) { self.sights[Pair(observer: observer, subject: subject)] = nil }
      return
    case .renewed, .joinCompleted, .joinFailed, .leaveCompleted, .paused, .broadcast, .recordPublished, .recordWithdrawn,
      .recordsHidden, .recordsShown, .eventsMissed:
      return
    }
    guard let subject = world.index(of: member.id) else {
      self.violations.append("node \(observer) knows \(member.id), who doesn't exist")
      return
    }
    self.highestSubject = max(self.highestSubject, subject + 1)
    self.checkOwnership(member, subject, observer, nodes)
    self.checkOrder(event, member, Pair(observer: observer, subject: subject))
  }

  /// Epochs and incarnations come from the member alone, and each incarnation says one thing.
  private mutating func checkOwnership(_ member: GossipMember, _ subject: Int, _ observer: Int, _ nodes: [GossipNode]) {
    let own = nodes[subject].core.own
    if (member.epoch, member.incarnation) > (own.epoch, own.incarnation) {
      self.violations.append(
        "node \(observer) has node \(subject) at \(member.epoch).\(member.incarnation), which is at \(own.epoch).\(own.incarnation)"
      )
    }
    guard member.status == .alive else { return }
    let announcement = Announcement(subject: subject, epoch: member.epoch, incarnation: member.incarnation)
    if let known = self.metadata[announcement] {
      if known != member.metadata {
        self.violations.append("two sets of metadata in \(member.epoch).\(member.incarnation) of node \(subject)")
      }
    } else {
      self.metadata[announcement] = member.metadata
    }
  }

  /// Nobody is known twice, falls twice or comes back without having been away; nothing older follows on something newer.
  private mutating func checkOrder(_ event: GossipEvent, _ member: GossipMember, _ pair: Pair) {
    let before = self.sights[pair]
    var isLegal = true
    if let before {
      isLegal = (member.epoch, member.incarnation) >= (before.epoch, before.incarnation)
      let isNewer = (member.epoch, member.incarnation) > (before.epoch, before.incarnation)
      switch event {
      // A member that was first heard of as gone is joined without a sight; with one it has been seen.
      case .joined: isLegal = false
      case .suspected: isLegal = isLegal && before.isPresent && !before.isSuspect
      case .refuted: isLegal = isNewer && before.isPresent
      case .failed: isLegal = isLegal && before.isPresent
      case .returned: isLegal = isNewer && !before.isPresent
      case .restarted: isLegal = member.epoch > before.epoch
      default: break
      }
    }
    if !isLegal { self.violations.append("node \(pair.observer) after \(before.map { "\($0)" } ?? "nothing"): \(event)") }
    self.sights[pair] = Sight(
      epoch: member.epoch,
      incarnation: member.incarnation,
      isPresent: member.status.isPresent,
      isSuspect: member.status == .suspect
    )
  }
}
