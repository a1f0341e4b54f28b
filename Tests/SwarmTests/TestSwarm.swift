// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import Swarm
import SwarmAgent
import SwarmControl
import SwarmModel
import Testing

/// Nodes of one test, in this process: real disks and sockets, tasks that do nothing.
final class TestSwarm: Sendable {
  let directory = "\(NSTemporaryDirectory())sw-\(UInt32.random(in: 0 ... .max))"
  /// An address of its own: on 127.0.0.1 another test may get the port of a node that is about to start again.
  private let host: String
  private let (starts, starter) = AsyncStream<@Sendable () async throws -> Void>.makeStream()

  private init(host: String?) {
    self.host = host ?? Self.anyHost()
  }

  /// An address of this machine that hardly anybody uses.
  static func anyHost() -> String {
    "127.\(Int.random(in: 1...254)).\(Int.random(in: 0...255)).\(Int.random(in: 1...254))"
  }

  /// Runs `body` with a swarm, on an address of this machine, that is taken down afterwards.
  static func run(host: String? = nil, _ body: @Sendable (TestSwarm) async throws -> Void) async throws {
    let swarm = TestSwarm(host: host)
    defer { try? FileManager.default.removeItem(atPath: swarm.directory) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await withThrowingDiscardingTaskGroup { nodes in
          for await start in swarm.starts { nodes.addTask { try await start() } }
          nodes.cancelAll()
        }
      }
      defer { group.cancelAll() }
      try await body(swarm)
    }
  }

  /// A node that runs, outside any swarm unless its directory says otherwise.
  ///
  /// - Parameter host: where it is; by default where all of them are.
  func node(
    _ name: String,
    runtime: (any ContainerRuntime)? = InMemoryRuntime(),
    host: String? = nil,
    _ configure: (inout SwarmNodeConfiguration) -> Void = { _ in }
  ) -> RunningNode {
    var configuration = SwarmNodeConfiguration(stateDirectory: "\(self.directory)/\(name)")
    configuration.listenAddress = NetworkAddress(host: host ?? self.host, port: 0)
    configuration.hostname = name
    configuration.logSegmentSize = 1 << 20
    configure(&configuration)
    var logger = Logger(label: name)
    logger.logLevel = .critical
    let running = RunningNode(node: SwarmNode(configuration: configuration, runtime: runtime, logger: logger))
    self.starter.yield {
      do {
        try await running.run()
      } catch {
        if !(error is CancellationError) { Issue.record(error, "node \(name) ended") }
        throw error
      }
    }
    return running
  }
}

/// A node and its end.
final class RunningNode: Sendable {
  let node: SwarmNode
  private let (cut, cutter) = AsyncStream<Never>.makeStream()
  private let (end, ended) = AsyncStream<Never>.makeStream()

  init(node: SwarmNode) {
    self.node = node
  }

  func run() async throws {
    defer { self.ended.finish() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await self.node.run() }
      group.addTask { for await _ in self.cut {} }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  /// Cuts the node off without letting it say goodbye.
  func kill() async {
    self.cutter.finish()
    for await _ in self.end {}
  }

  /// Shuts the node down.
  func shutdown() async {
    self.node.shutdown()
    for await _ in self.end {}
  }
}

extension SwarmNode {
  /// What another node needs to join this manager's swarm.
  func joinRequest(_ role: NodeRole) async throws -> JoinRequest {
    let tokens = try await self.cluster.get().rootCA.joinTokens
    return JoinRequest(
      remoteAddresses: [self.local.nodeAddress],
      token: role == .manager ? tokens.manager : tokens.worker
    )
  }

  /// Waits until this manager's store looks as it should, looking again at every event.
  func wait(_ isTrue: @Sendable (Store) -> Bool) async throws {
    let events = try self.events(since: .zero)
    if isTrue(try self.replicatedStore()) { return }
    for await _ in events where isTrue(try self.replicatedStore()) { return }
    throw SwarmError(code: .unavailable, message: "the events ended before the swarm looked as it should")
  }

  /// Waits until so many tasks run.
  func waitForRunning(_ count: Int) async throws {
    try await self.wait { store in
      store.tasks().count { $0.status.state == .running && $0.desiredState == .running } == count
    }
  }
}
