// SPDX-License-Identifier: Apache-2.0

/// What a member finds on its disk when it starts: gathered by recovery, handed to ``RaftCore``.
///
/// Recovery makes one from the newest snapshot, feeds it all entries of the log in the order in which they were written,
/// and sets ``hardState`` to the last one it found. Only the end of the log is kept in memory.
public struct RestoredState: Sendable {
  /// Term, vote and commit.
  public var hardState: HardState
  /// The newest durable snapshot.
  public let snapshot: SnapshotMetadata?
  private(set) var log: LogTail
  /// The configurations behind the snapshot, with the index of their entries, in order.
  private(set) var configurations: [IndexedMembership] = []
  private let tailBytes: Int

  /// Starts with what is known besides the log.
  ///
  /// - Parameters:
  ///   - hardState: term, vote and commit; the default is that of a member that never ran.
  ///   - snapshot: the newest durable snapshot.
  ///   - tailBytes: how many bytes of entries to keep in memory; default as ``RaftConfiguration/Memory/tailBytes``.
  public init(
    hardState: HardState = HardState(),
    snapshot: SnapshotMetadata? = nil,
    tailBytes: Int = RaftConfiguration.Memory().tailBytes
  ) {
    self.hardState = hardState
    self.snapshot = snapshot
    self.log = LogTail(base: snapshot?.position ?? .zero)
    self.tailBytes = tailBytes
  }

  /// Starts from everything at once: as ``init(hardState:snapshot:tailBytes:)`` and ``append(_:)`` for each entry.
  ///
  /// - Throws: as ``append(_:)``.
  public init(
    hardState: HardState,
    snapshot: SnapshotMetadata? = nil,
    entries: [Entry],
    tailBytes: Int = RaftConfiguration.Memory().tailBytes
  ) throws(RaftError) {
    self.init(hardState: hardState, snapshot: snapshot, tailBytes: tailBytes)
    for entry in entries { try self.append(entry) }
  }

  /// The configuration that holds at the end of the log.
  public var membership: Membership {
    self.configurations.last { $0.index > self.snapshot?.index ?? .zero }?.membership ?? self.snapshot?.membership ?? .empty
  }

  /// The last position of the log, or of the snapshot when the log is empty.
  public var last: LogPosition { self.log.last }

  /// Encoded bytes of the entries that are kept in memory.
  package var bytesInMemory: Int { self.log.bytes }

  /// Feeds the next entry as it was written.
  ///
  /// An entry whose index was there before replaces it and everything behind it.
  ///
  /// The first entry may stand anywhere up to just behind the snapshot: a log keeps entries for slow followers.
  ///
  /// - Throws: ``RaftError/Code/corrupt`` for a gap or a term that goes back, ``RaftError/Code/unsupportedFormat`` for an
  ///   unknown kind of entry or a configuration that can't be read.
  public mutating func append(_ entry: Entry) throws(RaftError) {
    guard entry.index <= self.log.terms.base.index || entry.index > self.log.lastIndex.next else {
      return try self.appendBehindBase(entry)
    }
    // A log starts here: the first entry, or the first one behind a gap that a snapshot covers.
    let covered = self.snapshot?.index ?? .zero
    guard entry.index <= covered.next else {
      throw RaftError(.corrupt, "the log jumps from entry \(self.log.lastIndex) to \(entry.index)")
    }
    if entry.index == LogIndex(1) {
      self.restart(after: .zero)
      try self.appendBehindBase(entry)
    } else if let snapshot, entry.index == covered.next {
      self.restart(after: snapshot.position)
      try self.appendBehindBase(entry)
    } else {
      self.restart(after: entry.position)
    }
  }

  private mutating func appendBehindBase(_ entry: Entry) throws(RaftError) {
    self.truncate(behind: entry.index.previous)
    guard entry.term >= self.log.last.term else {
      throw RaftError(.corrupt, "the term goes back at entry \(entry.index)")
    }
    try self.append(contentsOf: [entry])
  }

  /// Feeds entries that follow the last one without a gap, in terms that don't go back.
  ///
  /// - Throws: ``RaftError/Code/unsupportedFormat`` as ``append(_:)``.
  mutating func append(contentsOf entries: [Entry]) throws(RaftError) {
    guard let last = entries.last else { return }
    for entry in entries {
      guard entry.kind.isKnown else {
        throw RaftError(.unsupportedFormat, "entry \(entry.index) is of the unknown kind \(entry.kind.rawValue)")
      }
      #if PLANTED_BUGS
        if PlantedBug.isPlanted(8), !self.configurations.isEmpty { continue }
      #endif
      guard entry.kind == .configuration else { continue }
      let membership = try Membership(decoding: entry.payload)
      self.configurations.append(IndexedMembership(index: entry.index, membership: membership))
    }
    self.log.append(entries)
    self.log.trim(to: self.tailBytes, notBehind: last.index)
  }

  /// The log goes on behind `position`; what was there before is void.
  mutating func restart(after position: LogPosition) {
    self.log.reset(to: position)
    self.configurations.removeAll()
  }

  /// Removes the entries behind `index`.
  mutating func truncate(behind index: LogIndex) {
    self.log.truncate(from: index.next)
    while let last = self.configurations.last, last.index > index { self.configurations.removeLast() }
  }

  /// The segments don't tell the term of the entry before the first one: the snapshot does, or the log begins one further.
  mutating func repairBaseTerm() {
    if let snapshot, snapshot.index == self.log.terms.base.index {
      self.log.baseTermIsKnown(snapshot.term)
    } else {
      self.log.compact(through: self.log.firstIndex)
    }
  }

  /// Brings log and snapshot together: a log that ends before the snapshot, or disagrees with it, is worth nothing.
  ///
  /// - Throws: ``RaftError/Code/corrupt`` when the log lost something that the hard state vouches for.
  consuming func reconciled() throws(RaftError) -> RestoredState {
    if let snapshot {
      if !self.log.terms.contains(snapshot.position) {
        self.log.reset(to: snapshot.position)
        self.configurations.removeAll()
      }
      self.configurations.removeAll { $0.index <= snapshot.index }
      self.hardState.commit = max(self.hardState.commit, snapshot.index)
    }
    guard self.hardState.commit <= self.log.lastIndex else {
      throw RaftError(.corrupt, "entry \(self.hardState.commit) was committed, but the log ends at \(self.log.lastIndex)")
    }
    guard self.hardState.term >= self.log.last.term else {
      throw RaftError(.corrupt, "the log reaches term \(self.log.last.term), but the state only \(self.hardState.term)")
    }
    return self
  }
}

/// A configuration and the index of the entry that brought it.
struct IndexedMembership: Hashable, Sendable {
  var index: LogIndex
  var membership: Membership
}
