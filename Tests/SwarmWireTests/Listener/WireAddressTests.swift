// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmWire

@Suite("Addresses")
struct WireAddressTests {
  @Test("a host and a port are told apart and put together again", arguments: ["127.0.0.1:2377", "manager-1:1", "[::1]:65535"])
  func valid(string: String) throws {
    #expect(try WireAddress(string).description == string)
  }

  @Test("anything else is refused", arguments: ["", "host", "host:", ":1", "host:65536", "host:-1", "::1:2377", "[]:1", "a:b:1"])
  func invalid(string: String) {
    #expect(throws: SwarmError.self) { try WireAddress(string) }
  }
}
