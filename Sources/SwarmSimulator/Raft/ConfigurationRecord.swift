// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// All configurations that ever were in a log, and those that were decided.
struct ConfigurationRecord: Sendable {
  /// A configuration in a log, and the one before it there.
  private struct Known {
    var position: LogPosition
    var previous: LogPosition
    var membership: Membership
  }

  private var known: [Known] = []
  private var decisions: [(position: LogPosition, membership: Membership)] = []
  /// What is in each member's log, oldest first.
  private var logs: [RaftID: [(position: LogPosition, membership: Membership)]] = [:]

  mutating func decided(_ membership: Membership, at position: LogPosition) { self.decisions.append((position, membership)) }

  /// The configuration that was decided at or before an index.
  func decided(at index: LogIndex) -> (position: LogPosition, membership: Membership)? {
    self.decisions.last { $0.position.index <= index }
  }

  func termOfLastJoint(before index: LogIndex) -> Term? {
    self.decisions.last { $0.position.index < index && $0.membership.isJoint }?.position.term
  }

  // MARK: - One member's log

  /// A member's log was cut, or lost its end in a crash.
  mutating func cut(_ member: RaftID, after index: LogIndex) {
    while let last = self.logs[member]?.last, last.position.index > index { self.logs[member]?.removeLast() }
  }

  /// A member started with a log and a snapshot.
  mutating func recover(_ member: RaftID, log: LogShadow, snapshot: SnapshotMetadata?) {
    if let snapshot { self.restart(member, from: snapshot) } else { self.logs[member] = [] }
    let covered = snapshot?.index ?? .zero
    for known in self.known.sorted(by: { $0.position.index < $1.position.index })
    where known.position.index > covered && log.terms.contains(known.position) {
      self.logs[member]?.append((known.position, known.membership))
    }
  }

  /// The configuration that holds for a member.
  func newest(of member: RaftID) -> Membership? { self.logs[member]?.last?.membership }

  mutating func restart(_ member: RaftID, from snapshot: SnapshotMetadata) {
    let position = self.decided(at: snapshot.index)?.position ?? snapshot.position
    self.logs[member] = [(position, snapshot.membership)]
  }

  /// A configuration was written: what is wrong with it, when anything is (R12, R13).
  mutating func wrote(_ membership: Membership, at position: LogPosition, by member: RaftID) -> String? {
    let before = self.logs[member]?.last
    self.logs[member, default: []].append((position, membership))
    guard !self.known.contains(where: { $0.position == position }) else { return nil }
    let previous = before?.position ?? .zero
    let siblings = self.known.filter { $0.previous == previous && $0.position.index > .zero }
    self.known.append(Known(position: position, previous: previous, membership: membership))
    guard let before else { return nil }
    for sibling in siblings where !membership.sharesEveryQuorum(with: sibling.membership) {
      return "R12: the configurations at \(sibling.position) and \(position) can decide without each other"
    }
    return Self.complaint(about: membership, at: position, after: before.membership)
  }

  private static func complaint(about new: Membership, at position: LogPosition, after old: Membership) -> String? {
    if old.isJoint, new.isJoint { return "R12: the configuration at \(position) begins a change within another" }
    if !new.sharesEveryQuorum(with: old) { return "R12: the configuration at \(position) can decide without the one before it" }
    // Each new member is named after an index that only this change has.
    let added = UInt64(new.members.count { old[$0.id] == nil })
    for member in new.members {
      if let known = old[member.id] {
        // A learner has to catch up first, which only joining ones are watched for.
        if member.role.votes, known.role == .learner { return "R13: \(position) makes the learner \(member.id) a voter" }
      } else if !(position.index.rawValue - added + 1...position.index.rawValue ~= member.id.rawValue) {
        return "R12: \(position) adds a member under the identity \(member.id), which isn't new"
      }
    }
    return nil
  }
}

extension Membership {
  /// Whether no two majorities of these configurations are strangers.
  func sharesEveryQuorum(with other: Membership) -> Bool {
    let ids = Set(self.members.filter(\.role.votes).map(\.id)).union(other.members.filter(\.role.votes).map(\.id)).sorted()
    guard ids.count <= 16 else { return true }
    for mask in 0..<(1 << ids.count) {
      func isIn(_ id: RaftID) -> Bool { ids.firstIndex(of: id).map { mask >> $0 & 1 == 1 } ?? false }
      if self.hasQuorum(isIn), other.hasQuorum({ !isIn($0) }) { return false }
    }
    return true
  }
}
