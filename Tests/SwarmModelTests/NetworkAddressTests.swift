// SPDX-License-Identifier: Apache-2.0

import SwarmModel
import Testing

@Suite("Network addresses")
struct NetworkAddressTests {
  @Test("a host and a port are told apart and put together again", arguments: ["127.0.0.1:2377", "manager-1:1", "[::1]:65535"])
  func valid(text: String) throws {
    #expect(try NetworkAddress(text).description == text)
  }

  @Test("anything else is refused", arguments: ["", "host", "host:", ":1", "host:65536", "host:-1", "::1:2377", "[]:1", "a:b:1"])
  func invalid(text: String) {
    #expect(throws: SwarmError.self) { try NetworkAddress(text) }
  }

  @Test("a lone host takes the default port")
  func defaultPort() throws {
    #expect(try NetworkAddress("10.0.0.1", defaultPort: 2377) == NetworkAddress(host: "10.0.0.1", port: 2377))
    #expect(try NetworkAddress("[::1]", defaultPort: 2377) == NetworkAddress(host: "::1", port: 2377))
  }
}
