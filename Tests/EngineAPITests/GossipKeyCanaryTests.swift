// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import Foundation
import Logging
import Swarm
import SwarmAgent
import SwarmModel
import Synchronization
import TestTraits
import Testing

/// Gossip keys are made by the swarm itself, so these tests read them inside the process, and then look for them where nothing secret may be.
@Suite("Canaries: gossip keys", .serialized, .takingTurns, .timeLimit(.minutes(2)))
struct GossipKeyCanaryTests {
  /// Whether bytes, or their usual texts, occur.
  private static func isThere(_ key: [UInt8], in data: Data) -> Bool {
    let hexadecimal = key.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    let list = key.map(String.init).joined(separator: ", ")
    let forms = [Data(key), Data(Data(key).base64EncodedString().utf8), Data(hexadecimal.utf8), Data(list.utf8)]
    return forms.contains { data.range(of: $0) != nil }
  }

  @Test("a key is found in any of its forms")
  func forms() {
    let key = (0..<16).map { UInt8($0 * 16 + 1) }
    for text in ["x 01112131", "\(key)", Data(key).base64EncodedString()] {
      #expect(Self.isThere(key, in: Data(text.utf8)) == (text != "x 01112131"))
    }
    #expect(Self.isThere(key, in: Data([9] + key)))
  }

  @Test("they are in no file, no line of a log and no answer, old ones and new ones")
  func everywhere() async throws {
    let directory = try TemporaryDirectory()
    let lines = LogLines()
    let host = "127.\(Int.random(in: 1...254)).78.\(Int.random(in: 1...254))"
    let nodes = ["m1", "w1"].map { name in
      var configuration = SwarmNodeConfiguration(stateDirectory: "\(directory.path)/\(name)")
      configuration.listenAddress = NetworkAddress(host: host, port: 0)
      configuration.hostname = name
      configuration.logSegmentSize = 1 << 20
      var logger = Logger(label: name) { _ in lines }
      logger.logLevel = .trace
      return SwarmNode(configuration: configuration, runtime: InMemoryRuntime(), logger: logger)
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for node in nodes { group.addTask { try await node.run() } }
      defer { group.cancelAll() }
      let (manager, worker) = (nodes[0], nodes[1])
      try await manager.initialize()
      let token = try await manager.cluster.get().rootCA.joinTokens.worker
      try await worker.join(JoinRequest(remoteAddresses: [manager.local.nodeAddress], token: token))
      var keys = Set(try await manager.cluster.get().networkBootstrapKeys.map(\.key))
      try manager.expireGossipKey()
      while try await Set(manager.cluster.get().networkBootstrapKeys.map(\.key)).isSubset(of: keys) {
        try await Task.sleep(for: .milliseconds(10))
      }
      keys.formUnion(try await manager.cluster.get().networkBootstrapKeys.map(\.key))
      for node in nodes {
        try await node.refreshGossipKeys()
        _ = try await node.waitForGossip(present: 2)
      }
      try #require(keys.count == 4 && keys.allSatisfy { $0.count == 16 || $0.count == 32 })

      var places = ["logs": lines.text]
      for path in FileManager.default.enumerator(atPath: directory.path)?.compactMap({ $0 as? String }) ?? [] {
        places[path] = FileManager.default.contents(atPath: "\(directory.path)/\(path)")
      }
      try await RunningServer.with(manager) { [keys] server in
        for path in ["swarm", "info", "version", "nodes", "nodes/m1", "services", "tasks", "networks", "secrets", "configs"] {
          let answer = try await server.request("GET", "/\(path)")
          #expect(answer.status == 200)
          for key in keys { #expect(!Self.isThere(key, in: Data(answer.text.utf8)), "GET /\(path)") }
        }
      }
      #expect(places.count > 5 && !lines.text.isEmpty)
      for (place, content) in places { for key in keys { #expect(!Self.isThere(key, in: content), "\(place)") } }
    }
  }
}

/// Every line that was logged.
private struct LogLines: LogHandler {
  private final class Storage: Sendable {
    let text = Mutex(Data())
  }

  private let storage = Storage()
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.trace

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { self.metadata[key] }
    set { self.metadata[key] = newValue }
  }

  var text: Data { self.storage.text.withLock(\.self) }

  func log(event: LogEvent) {
    let line = "\(event.message) \(self.metadata) \(event.metadata ?? [:])\n"
    self.storage.text.withLock { $0 += Data(line.utf8) }
  }
}
