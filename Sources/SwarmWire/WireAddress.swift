// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// A host, by name or address, and a port.
struct WireAddress: Sendable, Hashable, CustomStringConvertible {
  /// The host, without brackets.
  var host: String
  /// The port, 0–65535.
  var port: Int

  init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Reads `host:port`, `[address]:port`.
  ///
  /// - Throws: `invalidArgument` for anything else.
  init(_ string: String) throws(SwarmError) {
    let invalid = SwarmError(code: .invalidArgument, message: "not an address: \"\(string.prefix(255))\" (host:port)")
    guard let colon = string.lastIndex(of: ":"), let port = UInt16(string[string.index(after: colon)...]) else {
      throw invalid
    }
    var host = string[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      throw invalid
    }
    guard !host.isEmpty else { throw invalid }
    self.init(host: String(host), port: Int(port))
  }

  /// `host:port`, with brackets around an IPv6 address.
  var description: String {
    self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
  }

  /// Whether the host stands for all addresses of a machine.
  var isUnspecified: Bool { self.host == "0.0.0.0" || self.host == "::" }
}
