// SPDX-License-Identifier: Apache-2.0

import Swarm
import SwarmModel
import Testing

@Suite("What a node is told before it is in a swarm")
struct NodeConfigurationTests {
  struct Case: Sendable {
    var listen: String?
    var advertise: String?
    var requestedListen: String?
    var requestedAdvertise: String?
    var result: String
  }

  @Test(
    "a node listens where it is told to; else everywhere when other machines are to reach it, and on its own machine when not",
    arguments: [
      Case(result: "127.0.0.1:2377"),
      Case(requestedListen: "0.0.0.0:2377", requestedAdvertise: "", result: "127.0.0.1:2377"),
      Case(requestedListen: "0.0.0.0:2377", requestedAdvertise: "192.0.2.7", result: "0.0.0.0:2377"),
      Case(requestedListen: "0.0.0.0:2377", requestedAdvertise: "127.0.0.1:2400", result: "127.0.0.1:2377"),
      Case(requestedListen: "192.0.2.7:2399", requestedAdvertise: "192.0.2.8", result: "192.0.2.7:2399"),
      Case(advertise: "192.0.2.7:2377", requestedListen: "0.0.0.0:2377", requestedAdvertise: "127.0.0.1", result: "0.0.0.0:2377"),
      Case(advertise: "[2001:db8::1]:2377", result: "[::]:2377"),
      Case(listen: "127.0.0.1:0", advertise: "192.0.2.7:2377", requestedListen: "192.0.2.7:2377", result: "127.0.0.1:0"),
    ]
  )
  func listening(_ given: Case) throws {
    var configuration = SwarmNodeConfiguration(stateDirectory: "/nonexistent")
    configuration.listenAddress = try given.listen.map { try NetworkAddress($0) }
    configuration.advertiseAddress = try given.advertise.map { try NetworkAddress($0) }
    let address = try configuration.listenAddress(requested: given.requestedListen, advertised: given.requestedAdvertise)
    #expect(address.description == given.result)
  }
}
