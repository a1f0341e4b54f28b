// SPDX-License-Identifier: Apache-2.0

/// Where a member listens.
public struct PeerAddress: Sendable, Hashable, CustomStringConvertible {
  /// A host name or an IP address.
  public var host: String
  /// A TCP port.
  public var port: Int

  /// Names a place.
  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Reads a member's context as the text `host:port`; IPv6 addresses stand in brackets.
  public init?(context: [UInt8]) {
    guard let text = String(validating: context, as: UTF8.self) else { return nil }
    self.init(text)
  }

  /// Reads `host:port`; IPv6 addresses stand in brackets.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), 0...65535 ~= port else {
      return nil
    }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    guard !host.isEmpty else { return nil }
    self.init(host: String(host), port: port)
  }

  /// `host:port`, with brackets around an IPv6 address.
  public var description: String {
    self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
  }
}
