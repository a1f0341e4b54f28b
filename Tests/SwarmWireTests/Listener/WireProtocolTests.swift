// SPDX-License-Identifier: Apache-2.0

internal import Testing

@testable internal import SwarmWire

@Suite("What a connection speaks")
struct WireProtocolTests {
  @Test("every beginning of a preamble is undecided", arguments: ["PRI * HTTP/2.0", "SWRAFT"])
  func beginnings(preamble: String) {
    for length in 0..<preamble.utf8.count {
      #expect(WireProtocol.judge(Array(preamble.utf8.prefix(length))) == .undecided)
    }
  }

  @Test("a whole preamble decides, whatever follows")
  func whole() {
    #expect(WireProtocol.judge(Array("PRI * HTTP/2.0\r\n\r\nSM".utf8)) == .speaks(.grpc))
    #expect(WireProtocol.judge(Array("SWRAFT\0\u{1}abc".utf8)) == .speaks(.raft))
  }

  @Test("anything else is foreign from the first wrong byte on", arguments: ["G", "PRX", "SWRAFs", "\u{16}\u{3}\u{1}", "swraft"])
  func foreign(bytes: String) {
    #expect(WireProtocol.judge(Array(bytes.utf8)) == .foreign)
  }
}
