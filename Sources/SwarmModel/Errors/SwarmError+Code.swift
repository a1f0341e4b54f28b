// SPDX-License-Identifier: Apache-2.0

extension SwarmError {
  /// A kind of failure; further kinds may be added.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    private enum Value: UInt16 {
      case invalidArgument = 1
      case notFound = 2
      case alreadyExists = 3
      case failedPrecondition = 4
      case outOfSequence = 5
      case unavailable = 6
      case outcomeUnknown = 7
      case notManager = 8
      case notInSwarm = 9
      case permissionDenied = 10
      case unimplemented = 11
      case aborted = 12
      case internalError = 13
      case deadlineExceeded = 14
      case dataLoss = 15
      case unsupportedFormat = 16
    }

    private let value: Value

    private init(_ value: Value) {
      self.value = value
    }

    /// The code as it is stored and sent.
    package var rawValue: UInt16 { self.value.rawValue }

    /// Reads a stored code; `nil` when it isn't known here.
    package init?(rawValue: UInt16) {
      guard let value = Value(rawValue: rawValue) else { return nil }
      self.value = value
    }

    /// The request itself is wrong.
    public static let invalidArgument = Self(.invalidArgument)
    /// The object doesn't exist.
    public static let notFound = Self(.notFound)
    /// An object of that name exists.
    public static let alreadyExists = Self(.alreadyExists)
    /// The cluster isn't in the state that the request needs.
    public static let failedPrecondition = Self(.failedPrecondition)
    /// The object changed since it was read: read it again and retry.
    public static let outOfSequence = Self(.outOfSequence)
    /// There is no leader, no quorum, or no connection right now.
    public static let unavailable = Self(.unavailable)
    /// The request may or may not have been carried out.
    public static let outcomeUnknown = Self(.outcomeUnknown)
    /// The node is in a swarm, but isn't a manager.
    public static let notManager = Self(.notManager)
    /// The node isn't in a swarm.
    public static let notInSwarm = Self(.notInSwarm)
    /// The caller may not do this.
    public static let permissionDenied = Self(.permissionDenied)
    /// The request isn't supported.
    public static let unimplemented = Self(.unimplemented)
    /// The request was overtaken by another one.
    public static let aborted = Self(.aborted)
    /// Something is broken here.
    public static let internalError = Self(.internalError)
    /// The request took too long.
    public static let deadlineExceeded = Self(.deadlineExceeded)
    /// Bytes can't be decoded: they are cut short or damaged.
    public static let dataLoss = Self(.dataLoss)
    /// Bytes were written in a format, or hold a kind of entry, that this version doesn't know.
    public static let unsupportedFormat = Self(.unsupportedFormat)

    /// The code's name.
    public var description: String { String(describing: self.value) }
  }
}
