// SPDX-License-Identifier: Apache-2.0

public import Gossip
internal import NIOCore

/// A host and a port that UDP and TCP share.
public struct GossipEndpoint: Sendable, Hashable, CustomStringConvertible {
  /// The port that is used when none is named.
  public static let defaultPort = 7946

  /// A host name or an IP address.
  public var host: String
  /// The port; 0 takes any free one to listen on.
  public var port: Int

  /// Names a place.
  public init(host: String, port: Int = Self.defaultPort) {
    self.host = host
    self.port = port
  }

  /// Reads `host`, `host:port` or `[IPv6]:port`.
  ///
  /// - Throws: ``Gossip/GossipError/Code/invalidConfiguration`` when it is none of them.
  public init(_ text: String) throws(GossipError) {
    let refusal = GossipError(.invalidConfiguration, "\(text) isn't host:port; IPv6 addresses stand in brackets")
    var host = text[...]
    var port = Self.defaultPort
    if let colon = text.lastIndex(of: ":"), text.hasPrefix("[") ? text[..<colon].hasSuffix("]") : true {
      guard let number = Int(text[text.index(after: colon)...]), 0...65535 ~= number else { throw refusal }
      port = number
      host = text[..<colon]
    }
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      throw refusal
    }
    guard !host.isEmpty else { throw refusal }
    self.init(host: String(host), port: port)
  }

  /// Names an address.
  public init(_ address: GossipAddress) {
    // Any four or sixteen bytes are an address.
    let socket = try? SocketAddress(address)
    self.init(host: socket?.ipAddress ?? "", port: Int(address.port))
  }

  /// `host:port`, with brackets around an IPv6 address.
  public var description: String {
    self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
  }

  /// Looks the host up.
  ///
  /// Blocks unless the host is an IP address.
  func resolve() throws(GossipError) -> SocketAddress {
    do {
      if let address = try? SocketAddress(ipAddress: self.host, port: self.port) { return address }
      return try SocketAddress.makeAddressResolvingHost(self.host, port: self.port)
    } catch {
      throw GossipError(.unreachable, "\(self) can't be looked up: \(error)")
    }
  }
}
