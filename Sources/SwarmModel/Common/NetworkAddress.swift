// SPDX-License-Identifier: Apache-2.0

/// A host and a port, written `host:port` or `[v6]:port`.
public struct NetworkAddress: Sendable, Hashable, CustomStringConvertible {
  /// An IP address or a host name, without brackets.
  public var host: String
  /// The port; 0 means "any free one" where an address is bound.
  public var port: Int

  /// Creates an address from its parts.
  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Reads `host:port`, `[v6]:port`, or, when `defaultPort` is given, a lone host.
  ///
  /// - Throws: ``SwarmError`` with code `invalidArgument` that quotes the text.
  public init(_ text: String, defaultPort: Int? = nil) throws(SwarmError) {
    let host: Substring
    let portText: Substring?
    if text.hasPrefix("[") {
      guard let close = text.firstIndex(of: "]") else { throw Self.malformed(text) }
      host = text[text.index(after: text.startIndex)..<close]
      let rest = text[text.index(after: close)...]
      guard rest.isEmpty || rest.hasPrefix(":") else { throw Self.malformed(text) }
      portText = rest.isEmpty ? nil : rest.dropFirst()
    } else if let colon = text.lastIndex(of: ":") {
      host = text[..<colon]
      portText = text[text.index(after: colon)...]
      guard !host.contains(":") else { throw Self.malformed(text) }
    } else {
      host = text[...]
      portText = nil
    }
    guard !host.isEmpty, !host.contains(where: \.isWhitespace) else { throw Self.malformed(text) }
    if let portText {
      guard let port = UInt16(portText) else { throw Self.malformed(text) }
      self.init(host: String(host), port: Int(port))
    } else if let defaultPort {
      self.init(host: String(host), port: defaultPort)
    } else {
      throw Self.malformed(text)
    }
  }

  private static func malformed(_ text: String) -> SwarmError {
    SwarmError(code: .invalidArgument, message: "invalid address \"\(text)\": expected HOST:PORT")
  }

  /// Whether the host stands for all addresses of a machine.
  public var isUnspecified: Bool { self.host == "0.0.0.0" || self.host == "::" }

  /// Whether the host can only be reached from this machine.
  public var isLoopback: Bool {
    self.host == "localhost" || self.host == "::1" || self.host.hasPrefix("127.")
  }

  /// The text form, with brackets around an IPv6 host.
  public var description: String {
    self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
  }
}
