// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import Testing

@Suite("EngineEndpoint")
struct EndpointTests {
  @Test(
    "endpoints are read and written",
    arguments: ["unix:///run/api.sock", "tcp://127.0.0.1:2375", "tcp://[::1]:0", "tcp://localhost:80"]
  )
  func valid(text: String) throws {
    let endpoint = try EngineEndpoint(text)
    #expect(endpoint.description == text)
    #expect(endpoint.isLocal)
    try EngineAPIConfiguration(endpoints: [endpoint]).validate()
  }

  @Test(
    "what isn't an endpoint is refused",
    arguments: [
      "", "/run/api.sock", "unix://", "unix:///", "unix://api.sock", "http://x", "tcp://127.0.0.1", "tcp://:80", "tcp://a:99999",
      "tcp://::1:80",
    ]
  )
  func invalid(text: String) {
    let error = #expect(throws: EngineAPIError.self) { try EngineEndpoint(text) }
    #expect(error?.code == .invalidEndpoint)
  }

  @Test("a path that no socket can have is refused by name", arguments: [107, 108])
  func longPath(length: Int) throws {
    let path = "/" + String(repeating: "x", count: length - 1)
    if length <= 107 {
      #expect(try EngineEndpoint("unix://\(path)").description == "unix://\(path)")
    } else {
      let error = #expect(throws: EngineAPIError.self) { try EngineEndpoint("unix://\(path)") }
      #expect(error?.message.contains(path) == true)
      #expect(error?.message.contains("107") == true)
    }
  }

  @Test("plain TCP stays on this machine unless it is allowed out")
  func remote() throws {
    var configuration = EngineAPIConfiguration(endpoints: [try EngineEndpoint("tcp://0.0.0.0:2375")])
    let error = #expect(throws: EngineAPIError.self) { try configuration.validate() }
    #expect(error?.message.contains("0.0.0.0:2375") == true)
    configuration.allowsRemotePlainText = true
    try configuration.validate()
  }

  @Test("no endpoint, the same one twice and odd permissions are refused")
  func configuration() throws {
    let socket = try EngineEndpoint("unix:///run/api.sock")
    #expect(throws: EngineAPIError.self) { try EngineAPIConfiguration(endpoints: []).validate() }
    #expect(throws: EngineAPIError.self) { try EngineAPIConfiguration(endpoints: [socket, socket]).validate() }
    #expect(throws: EngineAPIError.self) { try EngineAPIConfiguration(endpoints: [socket], socketPermissions: 0o666).validate() }
    let free = try EngineEndpoint("tcp://127.0.0.1:0")
    try EngineAPIConfiguration(endpoints: [free, free], socketPermissions: 0o660).validate()
  }
}
