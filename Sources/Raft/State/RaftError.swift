// SPDX-License-Identifier: Apache-2.0

/// What went wrong, as a code to decide on and a sentence to show.
public struct RaftError: Error, Sendable, CustomStringConvertible {
  /// What a caller can decide on.
  public var code: Code
  /// One sentence for people.
  public var message: String
  /// The member to ask instead, with ``Code/notLeader`` when it is known.
  public var leader: RaftID?
  /// The error that led to this one.
  public var cause: (any Error)?

  /// Makes an error.
  public init(_ code: Code, _ message: String, leader: RaftID? = nil, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.leader = leader
    self.cause = cause
  }

  /// The code, the sentence and the cause in one line.
  public var description: String {
    let cause = self.cause.map { " (cause: \($0))" } ?? ""
    return "\(self.code): \(self.message)\(cause)"
  }

  /// Whether the same request may succeed later on this member, because nothing of it was accepted.
  public var isRetryable: Bool {
    self.code == .busy || self.code == .membershipChangeInFlight || self.code == .quorumUnreachable || self.code == .storageFull
  }
}

extension RaftError: Hashable {
  /// Compares everything but the cause.
  public static func == (left: RaftError, right: RaftError) -> Bool {
    left.code == right.code && left.message == right.message && left.leader == right.leader
  }

  /// Hashes everything but the cause.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(self.code)
    hasher.combine(self.message)
    hasher.combine(self.leader)
  }
}

extension RaftError {
  /// What kind of error it is.
  ///
  /// New codes may be added, so a `switch` needs a default.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    private enum Value {
      case notLeader, busy, membershipChangeInFlight, invalidMembershipChange, quorumUnreachable, invalidTransfer,
        payloadTooLarge, invalidProposal
      case incomplete, corrupt, unsupportedFormat, invalidConfiguration, compacted
      case stopped, outcomeUnknown, sessionExpired, storageFailed, storageFull, keyMissing, keyRefused, quorumReachable,
        transportFailed
    }

    private var value: Value

    /// This member isn't the leader; ``RaftError/leader`` names it when known.
    ///
    /// Nothing was accepted.
    public static let notLeader = Code(value: .notLeader)
    /// Too much is under way (uncommitted bytes, or a leadership transfer); try again later.
    ///
    /// Nothing was accepted.
    public static let busy = Code(value: .busy)
    /// Another membership change is under way, or the leader is too new to start one; try again later.
    public static let membershipChangeInFlight = Code(value: .membershipChangeInFlight)
    /// The membership change makes no sense: an unknown member, or the last voter.
    public static let invalidMembershipChange = Code(value: .invalidMembershipChange)
    /// The membership change would leave the group to voters of which no majority was heard of lately; try again when they are
    /// back.
    ///
    /// Nothing was accepted.
    public static let quorumUnreachable = Code(value: .quorumUnreachable)
    /// Leadership can't go to that member.
    public static let invalidTransfer = Code(value: .invalidTransfer)
    /// A payload is larger than an entry may hold.
    public static let payloadTooLarge = Code(value: .payloadTooLarge)
    /// A proposal without a payload.
    public static let invalidProposal = Code(value: .invalidProposal)
    /// The bytes end before the value does.
    public static let incomplete = Code(value: .incomplete)
    /// Bytes or state that can't be right: a wrong checksum, a value out of bounds, a gap in the log.
    public static let corrupt = Code(value: .corrupt)
    /// A format version or a kind of entry that this version doesn't know.
    ///
    /// It is never skipped.
    public static let unsupportedFormat = Code(value: .unsupportedFormat)
    /// The configuration contradicts itself.
    public static let invalidConfiguration = Code(value: .invalidConfiguration)
    /// The entries asked for are no longer in the log.
    public static let compacted = Code(value: .compacted)
    /// The node was stopped.
    ///
    /// Nothing was accepted.
    public static let stopped = Code(value: .stopped)
    /// The proposal may or may not be committed: leadership was lost meanwhile.
    public static let outcomeUnknown = Code(value: .outcomeUnknown)
    /// The client's session is gone.
    ///
    /// This attempt was not carried out; whether an earlier one was can't be known.
    public static let sessionExpired = Code(value: .sessionExpired)
    /// Storage failed; nothing is written any more.
    public static let storageFailed = Code(value: .storageFailed)
    /// The disk has no room for further entries; try again when there is some.
    ///
    /// Nothing was accepted.
    public static let storageFull = Code(value: .storageFull)
    /// Bytes on the disk are encrypted with a key that isn't there.
    public static let keyMissing = Code(value: .keyMissing)
    /// Bytes on the disk can't be opened with the key that they name: it is another one, or somebody changed them.
    public static let keyRefused = Code(value: .keyRefused)
    /// There is no need to give anybody up: a majority, or a member that was to be given up, can be reached.
    public static let quorumReachable = Code(value: .quorumReachable)
    /// A connection to a member failed.
    public static let transportFailed = Code(value: .transportFailed)

    /// The name of the code.
    public var description: String { String(describing: self.value) }
  }
}
