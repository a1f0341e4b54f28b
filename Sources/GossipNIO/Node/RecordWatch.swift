// SPDX-License-Identifier: Apache-2.0

internal import Gossip

/// Somebody who wants to know all records whose keys begin in one way.
///
/// Only the latest set waits for a slow reader, so that none is ever out of date by more than it takes to read.
struct RecordWatch {
  struct Name: Hashable {
    var owner: MemberID
    var key: [UInt8]
  }

  let prefix: [UInt8]
  private let continuation: AsyncStream<[TableRecord]>.Continuation
  private var records: [Name: TableRecord]
  private var hasChanged = true

  init(prefix: [UInt8], records: [TableRecord], _ continuation: AsyncStream<[TableRecord]>.Continuation) {
    self.prefix = prefix
    self.continuation = continuation
    self.records = [:]
    for record in records { self.put(record) }
  }

  private mutating func put(_ record: TableRecord) {
    guard let owner = record.owner, record.key.starts(with: self.prefix) else { return }
    self.hasChanged = true
    self.records[Name(owner: owner, key: record.key)] = record
  }

  /// Notes what an event says about records.
  ///
  /// - Parameter ask: gives all records of an owner.
  mutating func note(_ event: GossipEvent, ask: (MemberID) -> [TableRecord]) {
    switch event {
    case .recordPublished(let record):
      self.put(record)
    case .recordWithdrawn(let record):
      guard let owner = record.owner else { return }
      if self.records.removeValue(forKey: Name(owner: owner, key: record.key)) != nil { self.hasChanged = true }
    case .recordsHidden(let owner), .forgotten(let owner):
      let kept = self.records.filter { $0.key.owner != owner }
      self.hasChanged = self.hasChanged || kept.count != self.records.count
      self.records = kept
    case .recordsShown(let owner):
      for record in ask(owner) { self.put(record) }
    default:
      break
    }
  }

  /// Hands the set out when it isn't what was handed out last.
  mutating func yieldChanges() {
    guard self.hasChanged else { return }
    self.hasChanged = false
    let sorted = self.records.values.sorted { left, right in
      if left.key != right.key { return left.key.lexicographicallyPrecedes(right.key) }
      guard let first = left.owner, let second = right.owner else { return left.owner == nil && right.owner != nil }
      return first < second
    }
    self.continuation.yield(sorted)
  }

  func finish() { self.continuation.finish() }
}
