// SPDX-License-Identifier: Apache-2.0

/// Why the API can't be served.
public struct EngineAPIError: Error, Sendable, CustomStringConvertible {
  /// What kind of failure this is.
  public var code: Code
  /// What happened, in a sentence for people.
  public var message: String
  /// The error that led to this one.
  public var cause: (any Error)?

  /// Creates an error.
  public init(code: Code, message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  /// `code: "message" (cause: …)`.
  public var description: String {
    guard let cause = self.cause else { return "\(self.code): \"\(self.message)\"" }
    return "\(self.code): \"\(self.message)\" (cause: \(cause))"
  }

  /// A kind of failure; further kinds may be added.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    private enum Value { case invalidEndpoint, invalidCertificate, endpointInUse, bindFailed }
    private let value: Value

    /// The endpoint's text can't be served at all.
    public static let invalidEndpoint = Self(value: .invalidEndpoint)
    /// What TLS needs can't be read, or doesn't fit together.
    public static let invalidCertificate = Self(value: .invalidCertificate)
    /// Another server answers at the endpoint.
    public static let endpointInUse = Self(value: .endpointInUse)
    /// The operating system refused the endpoint.
    public static let bindFailed = Self(value: .bindFailed)

    /// The code's name.
    public var description: String { String(describing: self.value) }
  }
}
