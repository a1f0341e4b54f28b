// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

/// The answer to a request that can't be carried out: a status and a sentence.
struct APIFailure: Error, Hashable, Sendable {
  var status: Int
  var message: String
  /// Whether the rest of the request isn't wanted, and the connection ends.
  var endsConnection = false

  /// The request is wrong.
  static func badRequest(_ message: String) -> Self { Self(status: 400, message: message) }

  /// What is asked for doesn't exist.
  static func notFound(_ message: String) -> Self { Self(status: 404, message: message) }

  /// What is asked for is part of Docker's API, but not of this version.
  ///
  /// - Parameter subject: What isn't there, in the plural, with its verb: `secrets are`.
  static func notAvailable(_ subject: String) -> Self {
    Self(status: 501, message: "\(subject) not available yet in swift-swarm")
  }
}

extension APIFailure {
  /// The answer to an error, whatever it is.
  init(_ error: any Error) {
    switch error {
    case let failure as APIFailure: self = failure
    case let error as SchemaError: self = .badRequest(error.message)
    case let error as SwarmError: self.init(error)
    case is CancellationError: self.init(status: 503, message: "the request was given up because the server stops")
    default: self.init(status: 500, message: "internal error: \(error)")
    }
  }

  /// dockerd passes errors of its control API on with a prefix that names the code; clients match on these texts.
  private init(_ error: SwarmError) {
    let (status, code): (Int, String?) =
      switch error.code {
      case .invalidArgument: (400, "InvalidArgument")
      case .failedPrecondition: (400, "FailedPrecondition")
      case .permissionDenied: (403, nil)
      case .notFound: (404, nil)
      case .alreadyExists: (409, "AlreadyExists")
      case .unimplemented: (501, "Unimplemented")
      case .unavailable, .notManager, .notInSwarm, .outcomeUnknown: (503, nil)
      case .deadlineExceeded: (504, nil)
      case .outOfSequence: (500, "Unknown")
      default: (500, nil)
      }
    self.status = status
    // What a name or the beginning of an id stands for dockerd finds out itself, without its control API.
    if let code, !error.message.hasPrefix("rpc error:"), !error.message.hasSuffix("matches found)") {
      self.message = "rpc error: code = \(code) desc = \(error.message)"
    } else {
      self.message = error.message
    }
  }
}
