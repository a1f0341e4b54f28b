// SPDX-License-Identifier: Apache-2.0

import Gossip
import GossipNIO
import Logging
import NIOCore
import NIOPosix
import Testing

/// Nodes with real sockets on loopback, in one process.
final class TestCluster: Sendable {
  /// One life of one node.
  struct Life: Sendable {
    let node: GossipNode
    /// Ends when the node does.
    let task: Task<Void, any Error>
  }

  /// The first three numbers of the nodes' addresses, so that tests don't meet.
  let network: String
  let key = GossipKey.random()
  let profile: GossipConfiguration

  init(network: String, label: String = "tests") {
    self.network = network
    // Failures are noticed soon, so that tests are short.
    self.profile = GossipConfiguration(
      label: label,
      probing: .init(interval: .milliseconds(200), timeout: .milliseconds(100), minimumTimeout: .milliseconds(50)),
      suspicion: .init(minimum: .seconds(1)),
      spreading: .init(interval: .milliseconds(50)),
      synchronising: .init(settling: .milliseconds(200), interval: .milliseconds(50))
    )
  }

  func configuration(_ number: Int, seeds: [GossipEndpoint] = []) -> GossipNodeConfiguration {
    GossipNodeConfiguration(
      name: "node-\(number)",
      listen: GossipEndpoint(host: "\(self.network).\(number)", port: 0),
      seeds: seeds,
      keys: [self.key],
      gossip: self.profile
    )
  }

  func start(_ configuration: GossipNodeConfiguration) async throws -> Life {
    var logger = Logger(label: "gossip")
    logger.logLevel = .error
    let node = try GossipNode(configuration: configuration, logger: logger)
    let task = Task { try await node.run() }
    _ = try await node.address()
    return Life(node: node, task: task)
  }

  /// Where the first one listens.
  static func seeds(_ lives: [Life]) async throws -> [GossipEndpoint] {
    guard let first = lives.first else { return [] }
    return [try await first.node.address()]
  }

  /// Starts nodes that all join the first one, and waits until everybody knows everybody.
  func start(_ count: Int) async throws -> [Life] {
    var lives: [Life] = []
    for number in 1...count {
      let seeds = try await Self.seeds(lives)
      lives.append(try await self.start(self.configuration(number, seeds: seeds)))
    }
    for life in lives { try await life.node.until { $0.present.count == count } }
    return lives
  }

  func end(_ lives: [Life]) async throws {
    for life in lives { await life.node.stop() }
    for life in lives { try await life.task.value }
  }
}

/// A node ended before what was waited for came true.
struct NodeEnded: Error {}

extension [GossipMember] {
  var present: [GossipMember] { self.filter { $0.status.isPresent } }

  subscript(_ name: String) -> GossipMember? { self.first { $0.id.description == name } }
}

extension GossipNode {
  /// Waits until something is true of the members.
  func until(_ holds: ([GossipMember]) -> Bool) async throws {
    let events = self.events
    if holds(try await self.members()) { return }
    for await _ in events where holds(try await self.members()) { return }
    throw NodeEnded()
  }
}

extension AsyncStream where Element == GossipEvent {
  /// Everything up to an event, that event included.
  func upTo(_ isLast: (GossipEvent) -> Bool) async throws -> [GossipEvent] {
    var events: [GossipEvent] = []
    for await event in self {
      events.append(event)
      if isLast(event) { return events }
    }
    throw NodeEnded()
  }
}

extension GossipEvent {
  var failed: String? { if case .failed(let member) = self { member.id.description } else { nil } }
  var left: String? { if case .left(let member) = self { member.id.description } else { nil } }
}
