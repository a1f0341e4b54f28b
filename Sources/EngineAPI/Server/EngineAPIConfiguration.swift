// SPDX-License-Identifier: Apache-2.0

/// How the API is served.
public struct EngineAPIConfiguration: Sendable, Hashable {
  /// Where the API is served; at least one.
  public var endpoints: [EngineEndpoint]
  /// How TCP endpoints are secured; `nil` is plain TCP.
  public var tls: EngineAPITLS?
  /// The permissions of unix sockets: 0600, or 0660 to let a group in.
  public var socketPermissions: Int
  /// Whether plain TCP may be served at addresses that other machines reach: whoever reaches them owns the swarm.
  public var allowsRemotePlainText: Bool
  /// The most bytes that the body of a request may have.
  public var maximumBodyBytes: Int
  /// How long a request may take before it is given up with status 503.
  public var requestDeadline: Duration
  /// How long a connection may stay idle between two requests.
  public var idleTimeout: Duration
  /// The host name that `/info` shows; `nil` shows the machine's.
  public var hostname: String?

  /// Creates a configuration with defaults.
  public init(
    endpoints: [EngineEndpoint],
    tls: EngineAPITLS? = nil,
    socketPermissions: Int = 0o600,
    allowsRemotePlainText: Bool = false,
    maximumBodyBytes: Int = 4 << 20,
    requestDeadline: Duration = .milliseconds(9500),
    idleTimeout: Duration = .seconds(180),
    hostname: String? = nil
  ) {
    self.endpoints = endpoints
    self.tls = tls
    self.socketPermissions = socketPermissions
    self.allowsRemotePlainText = allowsRemotePlainText
    self.maximumBodyBytes = maximumBodyBytes
    self.requestDeadline = requestDeadline
    self.idleTimeout = idleTimeout
    self.hostname = hostname
  }

  /// Refuses what can't be served.
  ///
  /// - Throws: ``EngineAPIError`` with code `invalidEndpoint`.
  public func validate() throws(EngineAPIError) {
    guard !self.endpoints.isEmpty else {
      throw EngineAPIError(code: .invalidEndpoint, message: "the API needs at least one endpoint")
    }
    guard Set(self.endpoints.filter(\.isUnique)).count == self.endpoints.filter(\.isUnique).count else {
      throw EngineAPIError(code: .invalidEndpoint, message: "the same API endpoint is given twice")
    }
    guard [0o600, 0o660].contains(self.socketPermissions) else {
      throw EngineAPIError(code: .invalidEndpoint, message: "the API's sockets can have the permissions 0600 or 0660 only")
    }
    guard self.tls != nil || self.allowsRemotePlainText || self.endpoints.allSatisfy(\.isLocal) else {
      let remote = self.endpoints.filter { !$0.isLocal }.map(\.description).joined(separator: ", ")
      throw EngineAPIError(
        code: .invalidEndpoint,
        message:
          "\(remote) can be reached from other machines, and plain TCP lets everybody in: use a loopback address, or mutual TLS"
      )
    }
  }
}

extension EngineEndpoint {
  /// Whether naming the endpoint twice means the same place twice.
  fileprivate var isUnique: Bool {
    if case .tcp(_, 0) = self.kind { return false }
    return true
  }
}
