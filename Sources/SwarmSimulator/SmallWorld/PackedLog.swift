// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// The terms of up to sixteen entries, four bits each, from index 1 on.
struct PackedLog: Hashable {
  private(set) var bits: UInt64 = 0

  init() {}

  init(_ entries: [Entry]) {
    for entry in entries { self.append(term: entry.term, at: entry.index) }
  }

  /// 0 where there is no entry.
  subscript(index: UInt64) -> UInt64 { index == 0 || index > 16 ? 0 : self.bits >> ((index - 1) * 4) & 15 }

  var count: UInt64 { UInt64(64 - self.bits.leadingZeroBitCount + 3) / 4 }

  mutating func append(term: Term, at index: LogIndex) {
    precondition(index.rawValue <= 16 && term.rawValue <= 15, "\(index)@\(term) is too much for a small world")
    self.bits |= term.rawValue << ((index.rawValue - 1) * 4)
  }

  /// Whether every entry of `other` up to `last` is here.
  func contains(_ other: PackedLog, through last: UInt64) -> Bool {
    let mask = last >= 16 ? UInt64.max : (1 << (last * 4)) - 1
    return (self.bits ^ other.bits) & mask == 0
  }

  /// Whether the logs are alike before every entry that they share.
  func matches(_ other: PackedLog) -> Bool {
    let common = min(self.count, other.count)
    let difference = self.bits ^ other.bits
    guard difference != 0 else { return true }
    let first = UInt64(difference.trailingZeroBitCount / 4) + 1
    guard first <= common else { return true }
    for index in first...common where self[index] == other[index] { return false }
    return true
  }
}
