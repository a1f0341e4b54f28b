// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// The server that commands talk to.
package struct EngineHost: Hashable, Sendable, CustomStringConvertible {
  /// The kinds of servers.
  package enum Kind: Hashable, Sendable {
    case unix(path: String)
    case tcp(host: String, port: Int)
  }

  package let kind: Kind
  /// How a TCP port is secured; `nil` is plain TCP.
  package var tls: EngineTLS?

  /// Reads `unix:///path` or `tcp://host:port`.
  package init(_ text: String) throws(CommandFailure) {
    if text.hasPrefix("unix://") {
      let path = String(text.dropFirst(7))
      guard path.hasPrefix("/") else { throw Self.invalid(text) }
      guard path.utf8.count <= 107 else {
        throw CommandFailure("unix socket path \(path) is \(path.utf8.count) bytes long; at most 107 are possible")
      }
      self.kind = .unix(path: path)
    } else if text.hasPrefix("tcp://") || text.hasPrefix("http://") {
      let address = text.drop { $0 != ":" }.dropFirst(3)
      guard let colon = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: colon)...]),
        colon != address.startIndex
      else { throw Self.invalid(text) }
      self.kind = .tcp(host: String(address[..<colon]), port: Int(port))
    } else {
      throw Self.invalid(text)
    }
  }

  /// Decides whom to talk to: the `-H` flag, else `SWARM_HOST`, else `DOCKER_HOST`, else the default node of this machine.
  static func choose(flag: String?, environment: [String: String]) throws(CommandFailure) -> Self {
    for text in [flag, environment["SWARM_HOST"], environment["DOCKER_HOST"]] {
      if let text, !text.isEmpty { return try Self(text) }
    }
    return try Self("unix://\(self.defaultStateDirectory(environment: environment))/api.sock")
  }

  /// Where the node with the default port keeps its state when nobody says otherwise.
  private static func defaultStateDirectory(environment: [String: String]) -> String {
    let base: String
    if let state = environment["XDG_STATE_HOME"], state.hasPrefix("/") {
      base = state
    } else {
      base = (environment["HOME"] ?? "") + "/.local/state"
    }
    return "\(base)/swift-swarm/2377"
  }

  package var description: String {
    switch self.kind {
    case .unix(let path): "unix://\(path)"
    case .tcp(let host, let port): "tcp://\(host):\(port)"
    }
  }

  /// The URL of a path on the server.
  func url(_ path: String) -> String {
    switch self.kind {
    case .unix(let socket): "http+unix://\(PercentCoding.encode(socket))\(path)"
    case .tcp(let host, let port): "\(self.tls == nil ? "http" : "https")://\(host):\(port)\(path)"
    }
  }

  private static func invalid(_ text: String) -> CommandFailure {
    CommandFailure("invalid host \"\(text)\": expected unix:///path/api.sock or tcp://127.0.0.1:2375")
  }
}
