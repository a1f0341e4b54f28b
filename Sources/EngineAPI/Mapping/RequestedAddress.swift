// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import SwarmModel

/// An address that a request gives for the node itself: an IP address, or the name of a network interface, with or without a port.
struct RequestedAddress {
  private let host: String
  private let port: Substring?

  /// Where others reach the node, with the interface's address in the place of its name; `nil` when nothing is said.
  static func advertised(_ text: String?) throws(APIFailure) -> String? {
    guard let text = text?.nonEmpty else { return nil }
    let resolved = try Self(text).resolved()
    guard let resolved, !NetworkAddress(host: resolved.host, port: 0).isUnspecified else {
      throw .badRequest("advertise address must be a non-zero IP address or network interface (with optional port number)")
    }
    return resolved.text
  }

  /// Where the node listens, with the interface's address in the place of its name; `nil` when nothing is said.
  static func listening(_ text: String?) throws(APIFailure) -> String? {
    guard let text = text?.nonEmpty else { return nil }
    guard let resolved = try Self(text).resolved() else {
      throw .badRequest("listen address must be an IP address or network interface (with optional port number)")
    }
    return resolved.text
  }

  private init(host: String, port: Substring?) { (self.host, self.port) = (host, port) }

  private init(_ text: String) {
    let isLone = Self.isAddress(text)
    let colon = isLone || text.hasSuffix("]") ? nil : text.lastIndex(of: ":")
    let host = text[..<(colon ?? text.endIndex)]
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    self.init(
      host: String(isBracketed ? host.dropFirst().dropLast() : host),
      port: colon.map { text[text.index(after: $0)...] }
    )
  }

  /// With an IP address as the host; `nil` when it is neither one nor an interface.
  private func resolved() throws(APIFailure) -> Self? {
    guard !Self.isAddress(self.host) else { return self }
    let devices = ((try? System.enumerateDevices()) ?? []).filter { $0.name == self.host }
    guard !devices.isEmpty else { return nil }
    let addresses = devices.compactMap { $0.address?.ipAddress }
    // What is good on one link alone reaches nobody.
    let (four, six) = (addresses.filter { !$0.contains(":") }, addresses.filter { $0.contains(":") && !$0.hasPrefix("fe80") })
    let (kind, found) = four.isEmpty ? ("IPv6", six) : ("IPv4", four)
    guard let address = found.first else {
      throw .badRequest("interface \(self.host) has no usable IPv4 or IPv6 addresses")
    }
    guard found.count == 1 else {
      throw .badRequest("interface \(self.host) has more than one \(kind) address (\(address) and \(found[1]))")
    }
    return Self(host: address, port: self.port)
  }

  private var text: String {
    (self.host.contains(":") ? "[\(self.host)]" : self.host) + (self.port.map { ":\($0)" } ?? "")
  }

  private static func isAddress(_ text: String) -> Bool { (try? SocketAddress(ipAddress: text, port: 0)) != nil }
}
