// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import EngineSchema
internal import NIOCore

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The server refused a request; commands that try something else on some statuses look at this.
struct DaemonError: Error, Hashable, Sendable {
  var status: UInt
  var message: String
}

extension EngineClient {
  static func failure(_ status: UInt, _ text: [UInt8]) -> DaemonError {
    let body = try? EngineJSON.decode(Engine.ErrorBody.self, from: text)
    let fallback = String(decoding: text.prefix(512), as: UTF8.self)
    return DaemonError(status: status, message: body?.message ?? (fallback.isEmpty ? "status \(status)" : fallback))
  }

  func explain(_ error: HTTPClientError) -> CommandFailure {
    switch error {
    case .connectTimeout: self.unreachable
    case .deadlineExceeded, .readTimeout:
      CommandFailure(
        "the swarm node at \(self.host) didn't answer in time",
        hint: "Whether the request was carried out isn't known."
      )
    case .remoteConnectionClosed, .cancelled:
      CommandFailure(
        "the swarm node at \(self.host) closed the connection before it answered",
        hint: "Whether the request was carried out isn't known."
      )
    default: CommandFailure("the swarm node at \(self.host) can't be asked: \(error)")
    }
  }

  func explain(_ error: any Error) -> CommandFailure {
    if let error = error as? IOError, [EACCES, EPERM].contains(error.errnoCode) {
      return CommandFailure("permission denied at the swarm node's socket \(self.host)")
    }
    return self.unreachable
  }

  /// One side doesn't like what the other one shows.
  func insecure(_ error: any Error) -> CommandFailure {
    let text = "\(error)"
    if text.contains("CERTIFICATE_VERIFY_FAILED") || text.contains("unableToValidateCertificate") {
      return CommandFailure(
        "the certificate of the swarm node at \(self.host) isn't of a known authority, or has another name",
        hint: "Name its authority's certificate with --tlscacert."
      )
    }
    if text.contains("_ALERT_") {
      return CommandFailure(
        "the swarm node at \(self.host) lets in who shows a certificate of its authority's",
        hint: "Name one with --tlscert and --tlskey."
      )
    }
    return CommandFailure("no secure connection to the swarm node at \(self.host): \(text)")
  }

  /// Somebody listens there who speaks something else.
  var noServer: CommandFailure {
    CommandFailure("the swarm node at \(self.host) doesn't speak HTTP: is that its API endpoint?")
  }

  /// Nobody listens there.
  var unreachable: CommandFailure {
    CommandFailure("Cannot connect to the swarm node at \(self.host). Is it running?")
  }
}

extension DaemonError {
  /// The failure that the user sees.
  var commandFailure: CommandFailure {
    CommandFailure("Error response from daemon: \(self.message)", hint: self.hint)
  }

  private var hint: String? {
    if self.message.contains("update out of sequence") {
      return "The object changed since it was read; run the command again."
    }
    return nil
  }
}
