// SPDX-License-Identifier: Apache-2.0

/// What a connection speaks, as its first bytes tell.
enum WireProtocol: Hashable, Sendable {
  /// HTTP/2, which carries gRPC.
  case grpc
  /// Raft frames.
  case raft

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
