// SPDX-License-Identifier: Apache-2.0

/// The log with which a new group begins.
///
/// Write it to an empty disk, then start as from any other disk.
public struct Bootstrap: Sendable {
  /// The hard state to write.
  public let hardState: HardState
  /// The entries to write.
  public let entries: [Entry]

  /// A group of one voter with the identity 1; the others join it.
  public init(context: [UInt8] = []) throws(RaftError) {
    try self.init(contexts: [context])
  }

  /// A group that starts with several voters, with the identities 1, 2, … Each of them must start with this same log.
  ///
  /// The configuration stands at the index of the last identity, so that no later member gets one of them.
  ///
  /// - Parameters:
  ///   - contexts: one per voter.
  ///   - witnesses: how many of them, from the end, are witnesses; see ``Member/isWitness``.
  /// - Throws: ``RaftError/Code/invalidConfiguration`` when nobody could lead, or witnesses would be a majority.
  public init(contexts: [[UInt8]], witnesses: Int = 0) throws(RaftError) {
    guard 0..<contexts.count ~= witnesses else {
      throw RaftError(.invalidConfiguration, "a group needs a voter that isn't a witness")
    }
    let members = contexts.enumerated().map { offset, context in
      Member(id: RaftID(UInt64(offset) + 1), context: context, isWitness: offset >= contexts.count - witnesses)
    }
    guard !Membership(members).canBeDecidedByWitnesses(counting: \.votes) else {
      throw RaftError(.invalidConfiguration, "witnesses would be a majority of the voters")
    }
    let last = LogIndex(UInt64(members.count))
    let fillers = [ArraySlice<UInt8>](repeating: [], count: max(0, members.count - 1))
    let configuration = Membership(members).encoded[...]
    self.entries =
      try EntryCodec.encode(fillers, kind: .noop, term: Term(1), startingAt: LogIndex(1))
      + EntryCodec.encode([configuration], kind: .configuration, term: Term(1), startingAt: last)
    self.hardState = HardState(term: Term(1), commit: last)
  }
}
