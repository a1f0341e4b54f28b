// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import SwarmCommands
import Synchronization
import Testing

@Suite("commands about the swarm")
struct SwarmCommandTests {
  /// What a command sends to a path of a swarm that agrees to everything.
  private static func body(sentTo path: String, by arguments: [String]) async throws -> JSONValue {
    let sent = Mutex<JSONValue>(.null)
    let done = try await FakeServer.swarmctl(arguments) { request in
      if request.path == path {
        sent.withLock { $0 = (try? EngineJSON.decode(JSONValue.self, from: request.body)) ?? .null }
      }
      switch request.path {
      case "/swarm/init": return (200, #""n1""#)
      case "/swarm": return (200, #"{"ID":"s","Version":{"Index":7},"Spec":{},"JoinTokens":{"Worker":"w","Manager":"m"}}"#)
      case "/info": return (200, #"{"Swarm":{"NodeID":"n1","ControlAvailable":true}}"#)
      case "/nodes/n1": return (200, #"{"ID":"n1","ManagerStatus":{"Addr":"10.0.0.1:2377"}}"#)
      default: return (200, "")
      }
    }
    #expect(done.code == 0, "\(done)")
    return sent.withLock { $0 }
  }

  @Test("what a new swarm's networks are to use is sent on")
  func networks() async throws {
    let body = try await Self.body(
      sentTo: "/swarm/init",
      by: [
        "swarm", "init", "--data-path-addr", "10.0.0.1", "--data-path-port", "5555", "--default-addr-pool", "10.0.0.0/8,fd00::/8",
        "--default-addr-pool", "172.16.0.0/12", "--default-addr-pool-mask-length", "26",
      ]
    )
    #expect(body["DataPathAddr"] == .string("10.0.0.1"))
    #expect(body["DataPathPort"] == .integer(5555))
    #expect(body["DefaultAddrPool"]?.text == #"["10.0.0.0/8","fd00::/8","172.16.0.0/12"]"#)
    #expect(body["SubnetSize"] == .integer(26))
    let join = ["swarm", "join", "--token", "t", "--data-path-addr", "eth1", "10.0.0.1:2377"]
    try await #expect(Self.body(sentTo: "/swarm/join", by: join)["DataPathAddr"] == .string("eth1"))
  }

  @Test("nothing is sent of what isn't said")
  func silence() async throws {
    let body = try await Self.body(sentTo: "/swarm/init", by: ["swarm", "init"])
    for name in ["DataPathAddr", "DataPathPort", "DefaultAddrPool", "SubnetSize"] { #expect(body[name] == nil, "\(name)") }
  }

  @Test("how many snapshots are kept is a setting of the swarm", arguments: ["init", "update"])
  func snapshots(command: String) async throws {
    let body = try await Self.body(sentTo: "/swarm/\(command)", by: ["swarm", command, "--max-snapshots", "3"])
    let spec = command == "init" ? body["Spec"] : body
    #expect(spec?["Raft"]?["KeepOldSnapshots"] == .integer(3))
  }

  @Test(
    "flags that make no sense are refused before anything is asked",
    arguments: [
      (["swarm", "init", "--default-addr-pool", "10.0.0.0"], 125, "invalid string being converted to CIDR: 10.0.0.0\n"),
      (["swarm", "init", "--data-path-port", "x"], 125, "invalid argument \"x\" for \"--data-path-port\" flag"),
      (
        ["swarm", "join", "--manager", "--token", "t", "10.0.0.1:2377"], 125,
        "unknown flag: --manager\n"
          + "The token decides the role: 'swarmctl swarm join-token manager', on a manager, prints the command.\n"
      ),
      (["swarm", "join", "--manager=true", "10.0.0.1:2377"], 125, "unknown flag: --manager\n"),
      (["swarm", "join"], 1, "'swarmctl swarm join' requires at least 1 argument\n"),
    ] as [([String], Int32, String)]
  )
  func refusals(arguments: [String], code: Int32, message: String) async throws {
    let asked = Mutex(false)
    let refused = try await FakeServer.swarmctl(arguments) { _ in
      asked.withLock { $0 = true }
      return (200, "")
    }
    #expect(refused.code == code)
    #expect(refused.errors.contains(message), "\(refused.errors)")
    #expect(asked.withLock { $0 } == false)
  }
}
