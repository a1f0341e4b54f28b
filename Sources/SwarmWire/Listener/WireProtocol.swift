// SPDX-License-Identifier: Apache-2.0

/// What a connection speaks, as its TLS handshake tells, or its first bytes where there is none.
enum WireProtocol: Hashable, Sendable {
  /// HTTP/2, which carries gRPC.
  case grpc
  /// Raft frames.
  case raft

  /// The protocol's name in a TLS handshake (ALPN).
  var name: String {
    switch self {
    case .grpc: "h2"
    case .raft: "swarm-raft/1"
    }
  }

  /// The protocol that a TLS handshake agreed on; who names none speaks gRPC, as SwarmKit's nodes may.
  init?(negotiated name: String?) {
    switch name {
    case nil, WireProtocol.grpc.name: self = .grpc
    case WireProtocol.raft.name: self = .raft
    default: return nil
    }
  }

  /// What the first bytes of a connection tell.
  enum Verdict: Hashable, Sendable {
    /// The bytes are the beginning of more than one preamble, or of a whole one; more are needed.
    case undecided
    /// The connection speaks this protocol.
    case speaks(WireProtocol)
    /// The bytes are no preamble's.
    case foreign
  }

  /// How each protocol begins: HTTP/2 with its fixed preface, Raft with its name.
  private static let preambles: [(WireProtocol, [UInt8])] = [
    (.grpc, Array("PRI * HTTP/2.0".utf8)),
    (.raft, Array("SWRAFT".utf8)),
  ]

  /// Judges the first bytes of a connection.
  static func judge(_ bytes: some Collection<UInt8>) -> Verdict {
    var isBeginning = false
    for (candidate, preamble) in self.preambles {
      if bytes.starts(with: preamble) { return .speaks(candidate) }
      if preamble.starts(with: bytes) { isBeginning = true }
    }
    return isBeginning ? .undecided : .foreign
  }
}
