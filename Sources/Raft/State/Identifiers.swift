// SPDX-License-Identifier: Apache-2.0

/// A term: the logical clock of Raft.
///
/// At most one leader is elected per term.
public struct Term: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The term before any election.
  public static let zero = Term(0)

  /// The number of the term.
  public var rawValue: UInt64

  /// Makes a term from its number.
  @inlinable
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Makes a term from its number.
  @inlinable
  public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// The number of the term.
  public var description: String { String(self.rawValue) }

  /// Whether `left` is the older term.
  @inlinable
  public static func < (left: Term, right: Term) -> Bool { left.rawValue < right.rawValue }

  /// The term that an election started now would have.
  var next: Term { Term(self.rawValue &+ 1) }
}

/// The position of an entry in the log.
///
/// The first entry has index 1; 0 stands before it.
public struct LogIndex: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The position before the first entry.
  public static let zero = LogIndex(0)

  /// The number of the entry.
  public var rawValue: UInt64

  /// Makes an index from its number.
  @inlinable
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Makes an index from its number.
  @inlinable
  public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// The number of the entry.
  public var description: String { String(self.rawValue) }

  /// The index behind this one.
  @inlinable
  public var next: LogIndex { LogIndex(self.rawValue &+ 1) }

  /// The index before this one; zero stays zero.
  @inlinable
  public var previous: LogIndex { LogIndex(self.rawValue == 0 ? 0 : self.rawValue &- 1) }

  /// Whether `left` stands before `right`.
  @inlinable
  public static func < (left: LogIndex, right: LogIndex) -> Bool { left.rawValue < right.rawValue }

  /// The index `count` entries further on.
  @inlinable
  public static func + (index: LogIndex, count: Int) -> LogIndex {
    LogIndex(index.rawValue &+ UInt64(truncatingIfNeeded: count))
  }

  /// The number of entries from `start` (excluded) to `end` (included); 0 when `end` isn't behind `start`.
  @inlinable
  public static func - (end: LogIndex, start: LogIndex) -> Int {
    end.rawValue > start.rawValue ? Int(clamping: end.rawValue &- start.rawValue) : 0
  }
}

/// The identity of a member: the index of the entry that added it.
///
/// It is never used again after the member is gone.
public struct RaftID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The number of the member.
  public var rawValue: UInt64

  /// Makes an identity from its number.
  @inlinable
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Makes an identity from its number.
  @inlinable
  public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// The number of the member.
  public var description: String { String(self.rawValue) }

  /// Orders members by the time they were added.
  @inlinable
  public static func < (left: RaftID, right: RaftID) -> Bool { left.rawValue < right.rawValue }
}

/// Names one ``Ready/Write``.
///
/// Writes are numbered from 1 in the order in which storage must carry them out.
public struct WriteID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The number of the write.
  public var rawValue: UInt64

  /// Makes an identity from its number.
  @inlinable
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// The number of the write.
  public var description: String { String(self.rawValue) }

  /// Whether `left` must be carried out first.
  @inlinable
  public static func < (left: WriteID, right: WriteID) -> Bool { left.rawValue < right.rawValue }
}

/// Names one read that the host asked for; the host chooses it and gets it back with the answer.
public struct ReadRequestID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The number of the read.
  public var rawValue: UInt64

  /// Makes an identity from its number.
  @inlinable
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// The number of the read.
  public var description: String { String(self.rawValue) }
}

/// The largest term, index and identity that is taken from outside.
///
/// It leaves room to count on without overflow.
let largestNumber: UInt64 = 1 << 62
