// SPDX-License-Identifier: Apache-2.0

public import GRPCCore
public import SwarmModel

/// Lets services throw `SwarmError`: the caller gets gRPC's code for it, and in the metadata the exact code
/// and the leader's address.
extension SwarmError: RPCErrorConvertible {
  /// gRPC's code for this error, the one that SwarmKit uses.
  public var rpcErrorCode: RPCError.Code {
    switch self.code {
    case .invalidArgument: .invalidArgument
    case .notFound: .notFound
    case .alreadyExists: .alreadyExists
    case .failedPrecondition, .notManager, .notInSwarm, .unsupportedFormat: .failedPrecondition
    case .unavailable: .unavailable
    case .permissionDenied: .permissionDenied
    case .unimplemented: .unimplemented
    case .aborted: .aborted
    case .internalError: .internalError
    case .deadlineExceeded: .deadlineExceeded
    case .dataLoss: .dataLoss
    // SwarmKit answers with a plain error here, which gRPC calls unknown: `outOfSequence`, `outcomeUnknown`.
    default: .unknown
    }
  }

  /// The sentence for people.
  public var rpcErrorMessage: String { self.message }

  /// The exact code, and the leader's address when it is known.
  public var rpcErrorMetadata: Metadata {
    var metadata: Metadata = [MetadataKey.code: "\(self.code.rawValue)"]
    if let leader = self.leaderHint { metadata.addString(leader, forKey: MetadataKey.leader) }
    return metadata
  }

  /// The error behind this one, which stays on this side.
  public var rpcErrorCause: (any Error)? { self.cause }
}

extension SwarmError {
  /// Reads the error of a call: exactly as it was thrown on the other side when that side is ours, by gRPC's
  /// code otherwise.
  package init(_ error: RPCError) {
    let told = error.metadata[stringValues: MetadataKey.code].lazy
      .compactMap { UInt16($0).flatMap(Code.init(rawValue:)) }
      .first { _ in true }
    self.init(
      code: told ?? Code(error),
      message: error.message,
      cause: error.cause,
      leaderHint: error.metadata[stringValues: MetadataKey.leader].first { _ in true }
    )
  }
}

extension RPCError {
  /// Whether the other side's service made this error, rather than the connection or a library on the way.
  var isAnswer: Bool {
    self.metadata[stringValues: MetadataKey.code].contains { _ in true }
  }
}

extension SwarmError.Code {
  /// What a gRPC code most likely means when it comes from a manager that isn't ours.
  fileprivate init(_ error: RPCError) {
    self =
      switch error.code {
      case .invalidArgument, .outOfRange: .invalidArgument
      case .notFound: .notFound
      case .alreadyExists: .alreadyExists
      case .failedPrecondition: .failedPrecondition
      case .unavailable, .resourceExhausted: .unavailable
      case .permissionDenied, .unauthenticated: .permissionDenied
      case .unimplemented: .unimplemented
      case .aborted, .cancelled: .aborted
      case .deadlineExceeded: .deadlineExceeded
      case .dataLoss: .dataLoss
      case .unknown where error.message.hasSuffix("update out of sequence"): .outOfSequence
      default: .internalError
      }
  }
}
