// SPDX-License-Identifier: Apache-2.0

internal import SwarmAgent

/// A Docker Engine refused a request.
struct EngineFailure: Error, Hashable, Sendable, CustomStringConvertible {
  var status: Int
  var message: String

  var description: String { self.message }

  /// The failure as the agent sees it.
  var runtimeError: RuntimeError {
    let code: RuntimeError.Code =
      switch self.status {
      case 400: .invalidArgument
      case 404: .notFound
      case 409: .exists
      case 501: .unsupported
      case 503: .temporary
      default: .internalError
      }
    return RuntimeError(code: code, message: self.message, cause: self)
  }
}
