// SPDX-License-Identifier: Apache-2.0

/// The configurations that a log brought, the newest of which holds (thesis, section 4.1: on append, not on commit).
///
/// Older ones are kept as long as the log may be cut back to them or a snapshot may be taken there.
struct MembershipHistory: Hashable, Sendable {
  private var configurations: [IndexedMembership]
  /// Counts changes of ``current``, so that one can be noticed.
  private(set) var version: UInt64 = 0

  /// The first configuration holds from the start; `index` is where it came from.
  init(_ first: IndexedMembership, _ others: [IndexedMembership]) {
    self.configurations = [first] + others
  }

  var current: IndexedMembership { self.configurations[self.configurations.count - 1] }

  /// The configuration that holds at `index`, when it is still known.
  func membership(at index: LogIndex) -> Membership? {
    self.configurations.last { $0.index <= index }?.membership
  }

  mutating func append(_ membership: Membership, at index: LogIndex) {
    self.configurations.append(IndexedMembership(index: index, membership: membership))
    self.version += 1
  }

  /// The log was cut before `index`.
  mutating func truncate(from index: LogIndex) {
    while self.configurations.count > 1, self.current.index >= index {
      self.configurations.removeLast()
      self.version += 1
    }
  }

  /// A snapshot took the log's place.
  mutating func reset(to snapshot: SnapshotMetadata) {
    self.configurations = [IndexedMembership(index: snapshot.index, membership: snapshot.membership)]
    self.version += 1
  }

  /// Nobody will ask for anything before `index`.
  mutating func forget(before index: LogIndex) {
    while self.configurations.count > 1, self.configurations[1].index <= index { self.configurations.removeFirst() }
  }
}
