// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Dependencies between targets point from edges to drivers to cores, never back.
@Suite("Dependency arrows")
struct DependencyArrowTests {
  /// What a core may import besides other cores.
  static let persistentCollections: Set<String> = ["DequeModule", "HashTreeCollections", "HeapModule"]

  /// Which of our modules each target may import.
  static let arrows: [String: Set<String>] = [
    "Raft": [],
    "Gossip": [],
    "SwarmModel": [],
    "SwarmControl": ["SwarmModel"],
    "SwarmSockets": [],
    "RaftNIO": ["Raft", "SwarmSockets"],
    "GossipNIO": ["Gossip", "SwarmSockets"],
    "SwarmKitProtobuf": [],
    "CProcessMemory": [],
    "SwarmIdentity": ["SwarmModel", "CProcessMemory"],
    "SwarmWire": ["SwarmModel", "SwarmControl", "SwarmIdentity", "SwarmKitProtobuf", "SwarmSockets"],
    "SwarmAgent": ["SwarmModel", "SwarmControl", "SwarmIdentity", "SwarmWire"],
    "CProcessShim": [],
    "ProcessRuntime": ["SwarmModel", "SwarmAgent", "CProcessShim"],
    "DockerRuntime": ["SwarmModel", "SwarmAgent", "EngineSchema"],
    "Swarm": [
      "Raft", "RaftNIO", "Gossip", "GossipNIO", "SwarmModel", "SwarmControl", "SwarmIdentity", "SwarmWire", "SwarmAgent",
    ],
    "EngineSchema": [],
    "EngineAPI": ["EngineSchema", "SwarmModel", "SwarmAgent", "Swarm", "SwarmSockets"],
    "Compose": ["EngineSchema"],
    "SwarmCommands": ["Compose", "EngineSchema"],
    "swarmctl": ["SwarmCommands"],
    "SwarmSimulator": ["Raft", "Gossip", "SwarmModel", "SwarmControl"],
    "swarm-simulator": ["SwarmSimulator"],
  ]
  static let cores = ["Raft", "Gossip", "SwarmModel", "SwarmControl"]

  @Test("every target has its arrows listed")
  func complete() throws {
    #expect(try Set(Repository.sourceTargets()) == Set(Self.arrows.keys))
  }

  @Test("a target imports only the modules below it", arguments: arrows.keys.sorted())
  func pointsDown(target: String) throws {
    let own = try Repository.imports(of: target).intersection(Self.arrows.keys)
    let allowed = try #require(Self.arrows[target])
    #expect(own.subtracting(allowed).subtracting([target]) == [])
  }

  @Test("a core imports nothing but cores and persistent collections", arguments: cores)
  func coresArePure(core: String) throws {
    let outside = try Repository.imports(of: core).subtracting(Self.cores)
    #expect(outside.subtracting(Self.persistentCollections) == [])
  }
}
