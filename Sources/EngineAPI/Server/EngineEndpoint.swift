// SPDX-License-Identifier: Apache-2.0

/// Where the API is served: a unix socket or a TCP port.
public struct EngineEndpoint: Sendable, Hashable, CustomStringConvertible {
  /// The kinds of endpoints.
  public enum Kind: Sendable, Hashable {
    /// A unix socket at an absolute path.
    case unix(path: String)
    /// A TCP port; 0 takes any free one. The host is without brackets.
    case tcp(host: String, port: Int)
  }

  /// What and where the endpoint is.
  public let kind: Kind

  /// The longest path that the operating system takes for a unix socket, in bytes.
  public static let maximumPathLength = 107

  /// Reads `unix:///path/api.sock` or `tcp://host:port`.
  ///
  /// - Throws: ``EngineAPIError`` with code `invalidEndpoint` that quotes the text.
  public init(_ text: String) throws(EngineAPIError) {
    if text.hasPrefix("unix://") {
      self.kind = .unix(path: try Self.socketPath(String(text.dropFirst(7))))
    } else if text.hasPrefix("tcp://") {
      self.kind = try Self.tcp(text.dropFirst(6), quoted: text)
    } else {
      throw Self.invalid("API endpoint \"\(text)\" isn't of the form unix:///path/api.sock or tcp://127.0.0.1:2375")
    }
  }

  /// Whether only this machine can reach the endpoint.
  public var isLocal: Bool {
    switch self.kind {
    case .unix: true
    case .tcp(let host, _): host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }
  }

  /// The endpoint's URL.
  public var description: String {
    switch self.kind {
    case .unix(let path): "unix://\(path)"
    case .tcp(let host, let port): host.contains(":") ? "tcp://[\(host)]:\(port)" : "tcp://\(host):\(port)"
    }
  }

  init(kind: Kind) { self.kind = kind }

  private static func socketPath(_ path: String) throws(EngineAPIError) -> String {
    guard path.hasPrefix("/"), path != "/" else {
      throw self.invalid("API endpoint \"unix://\(path)\" needs an absolute path, like unix:///run/swarm.sock")
    }
    guard !path.utf8.contains(0) else { throw self.invalid("API endpoint path contains a zero byte") }
    guard path.utf8.count <= self.maximumPathLength else {
      throw self.invalid(
        "unix socket path \(path) is \(path.utf8.count) bytes long; at most \(self.maximumPathLength) are possible, choose a shorter one"
      )
    }
    return path
  }

  private static func tcp(_ address: Substring, quoted text: String) throws(EngineAPIError) -> Kind {
    guard let colon = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: colon)...]) else {
      throw self.invalid("API endpoint \"\(text)\" needs a host and a port from 0 to 65535, like tcp://127.0.0.1:2375")
    }
    var host = address[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      throw self.invalid("API endpoint \"\(text)\": an IPv6 address needs brackets, like tcp://[::1]:2375")
    }
    guard !host.isEmpty else { throw self.invalid("API endpoint \"\(text)\" needs a host, like tcp://127.0.0.1:2375") }
    return .tcp(host: String(host), port: Int(port))
  }

  private static func invalid(_ message: String) -> EngineAPIError {
    EngineAPIError(code: .invalidEndpoint, message: message)
  }
}
