// SPDX-License-Identifier: Apache-2.0

internal import Gossip
internal import GossipNIO
internal import Logging
internal import NIOPosix
internal import SwarmAgent
internal import SwarmControl
internal import SwarmModel
internal import SwarmWire
internal import Synchronization

/// A node's part in the swarm's gossip: who is there, and where managers are.
///
/// Everything that it hears is a hint. When it can't gossip, the node goes on without.
final class NodeGossip: Sendable {
  private let place: NodePlace
  private let configuration: SwarmNodeConfiguration
  private let security: NodeSecurity
  private let agent: SwarmAgent
  /// The managers that the leader named.
  private let view: AgentView
  private let peerFile: String
  private let logger: Logger
  private let member = Mutex<GossipNode?>(nil)
  private let managersHeardOf = Mutex(GossipedManagers())
  private let isOver = Mutex(false)

  private static let retryPause = Duration.seconds(1)
  private static let refreshPause = Duration.seconds(300)
  private static let lonelyPause = Duration.seconds(2)

  init(
    place: NodePlace,
    configuration: SwarmNodeConfiguration,
    security: NodeSecurity,
    agent: SwarmAgent,
    view: AgentView,
    peerFile: String,
    logger: Logger
  ) {
    self.place = place
    self.configuration = configuration
    self.security = security
    self.agent = agent
    self.view = view
    self.peerFile = peerFile
    self.logger = logger
  }

  /// The nodes that gossip holds for present, this one too; empty while it doesn't gossip.
  func presentNodes() async -> [NodeID] {
    guard let member = self.member.withLock(\.self), let members = try? await member.members() else { return [] }
    return members.filter(\.status.isPresent).compactMap { NodeID($0.id.description) }
  }

  /// Gossips until ``leave()`` or cancellation.
  func run() async {
    guard self.configuration.gossips else { return }
    var lastReason = ""
    while !Task.isCancelled, !self.isOver.withLock(\.self) {
      do {
        let bootstrap = try await self.bootstrap()
        try await self.gossip(bootstrap)
      } catch {
        let reason = "\(error)"
        // Most starts come too early at first: the swarm has no leader yet, or this node isn't known yet.
        if reason != lastReason { self.logger.debug("gossip isn't possible yet", metadata: ["reason": "\(reason)"]) }
        lastReason = reason
      }
      try? await Task.sleep(for: Self.retryPause)
    }
  }

  /// Says good-bye, so that nobody takes this node for dead.
  func leave() async {
    self.isOver.withLock { $0 = true }
    await self.member.withLock(\.self)?.leave()
  }

  /// Tells the others what this node is now.
  func placeChanged() async {
    guard let member = self.member.withLock(\.self) else { return }
    try? await member.setMetadata(self.note.encoded())
    // What a member says of itself is no event, and a node that is a manager now doesn't know yet what this one has heard.
    let name = self.identity.nodeID.description
    guard let own = try? await member.members().first(where: { $0.id.description == name }) else { return }
    let managers = self.managersHeardOf.withLock { managers in
      _ = managers.hear(of: own)
      return managers
    }
    self.pass(on: managers)
  }

  /// Asks for the swarm's keys now, which otherwise happens every five minutes.
  func refreshKeys() async throws {
    guard let member = self.member.withLock(\.self) else { return }
    try await member.setKeys(GossipRing.keys(self.bootstrap().keys))
  }

  private var identity: NodeIdentity { self.place.identity }
  private var manager: Manager? { self.place.manager }

  /// What this node says about itself.
  private var note: GossipNote {
    let identity = self.identity
    return GossipNote(role: identity.role, address: identity.role == .manager ? identity.advertiseAddress : "")
  }

  // MARK: - Keys and seeds

  /// What is needed to begin: from the own store on a manager, from any manager else.
  private func bootstrap() async throws -> GossipBootstrap {
    guard let manager else { return try await self.ask(self.managers) }
    guard let cluster = manager.board.store.cluster, !GossipRing.ours(cluster.networkBootstrapKeys).isEmpty else {
      throw SwarmError(code: .unavailable, message: "the swarm's keys aren't known yet")
    }
    var own = GossipBootstrap(label: cluster.id.description, keys: GossipRing.ours(cluster.networkBootstrapKeys))
    if !self.managers.isEmpty { own.seeds = (try? await self.ask(self.managers))?.seeds ?? [] }
    return own
  }

  /// Where other managers are, as far as this node knows.
  private var managers: [String] {
    let known =
      self.manager?.leadership.withLock { $0.members.values.map(\.address) }
      ?? self.view.managers.map(\.address) + self.identity.managers
    return known.filter { $0 != self.identity.advertiseAddress }
  }

  private func ask(_ managers: [String]) async throws -> GossipBootstrap {
    var failure: any Error = SwarmError(code: .unavailable, message: "no manager is known")
    for address in managers {
      do {
        return try await ManagerClient.withConnection(
          to: address,
          as: self.identity.nodeID,
          security: .mutual(self.security),
          on: MultiThreadedEventLoopGroup.singleton
        ) { try await $0.gossipBootstrap(node: self.identity.nodeID) }
      } catch is CancellationError {
        throw CancellationError()
      } catch {
        failure = error
      }
    }
    throw failure
  }

  // MARK: - The member

  private func gossip(_ bootstrap: GossipBootstrap) async throws {
    let wanted = try self.configuration.gossipEndpoint(listen: self.identity.listenAddress)
    var endpoints = [wanted]
    // A port that was only derived may be somebody else's: then any will do, for gossip tells which.
    if self.configuration.gossipAddress == nil, wanted.port != 0 { endpoints.append(GossipEndpoint(host: wanted.host, port: 0)) }
    for endpoint in endpoints {
      do {
        return try await self.gossip(bootstrap, at: endpoint)
      } catch let error as GossipError where error.code == .transportFailed && endpoint != endpoints.last {
        self.logger.info("the gossip port is taken; another one is used", metadata: ["port": "\(endpoint.port)"])
      }
    }
  }

  private func gossip(_ bootstrap: GossipBootstrap, at endpoint: GossipEndpoint) async throws {
    var configuration = GossipNodeConfiguration(
      name: self.identity.nodeID.description,
      listen: endpoint,
      seeds: try bootstrap.seeds.map { text throws(GossipError) in try GossipEndpoint(text) },
      keys: try GossipRing.keys(bootstrap.keys),
      metadata: self.note.encoded(),
      peerFile: self.peerFile
    )
    configuration.gossip.label = bootstrap.label
    // Who is cut off says nothing; a shutdown says good-bye itself.
    configuration.leavesAtEnd = false
    let member = try GossipNode(configuration: configuration, logger: self.logger)
    self.member.withLock { $0 = member }
    defer { self.member.withLock { $0 = nil } }
    if self.isOver.withLock(\.self) { return }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await self.follow(member) }
      group.addTask { try await self.refresh(member) }
      defer { group.cancelAll() }
      try await member.run()
    }
  }

  /// Passes on what gossip says, until it ends.
  private func follow(_ member: GossipNode) async throws {
    let events = member.events
    // Events that came before are heard once more behind this, in order, and so do no harm.
    try await self.lookForManagers(member)
    for await event in events {
      switch event {
      case .joined(let found), .returned(let found), .restarted(let found), .refuted(let found):
        self.tell(.present, about: found)
        self.heard(of: found)
      case .failed(let found), .left(let found):
        self.logger.debug("gossip holds a node for gone", metadata: ["node": "\(found.id)", "status": "\(found.status)"])
        self.tell(.gone, about: found)
        self.heard(of: found)
      case .updated(let found):
        self.heard(of: found)
      case .eventsMissed:
        for found in try await self.lookForManagers(member) { self.tell(found.status.isPresent ? .present : .gone, about: found) }
      default:
        break
      }
    }
  }

  private func tell(_ verdict: GossipVerdict, about member: GossipMember) {
    guard let manager, let node = NodeID(member.id.description) else { return }
    manager.control.post(.gossip(node, verdict))
  }

  /// Takes in where managers are by all that gossip knows; returns everybody.
  @discardableResult
  private func lookForManagers(_ member: GossipNode) async throws -> [GossipMember] {
    let members = try await member.members()
    var managers = GossipedManagers()
    for member in members { _ = managers.hear(of: member) }
    self.managersHeardOf.withLock { $0 = managers }
    self.pass(on: managers)
    return members
  }

  private func heard(of member: GossipMember) {
    let managers = self.managersHeardOf.withLock { $0.hear(of: member) ? $0 : nil }
    if let managers { self.pass(on: managers) }
  }

  /// Managers that are there are worth a try, wherever they are now (moby#41043).
  private func pass(on managers: GossipedManagers) {
    var others = managers.addresses
    others[self.identity.nodeID] = nil
    self.agent.heard(ofManagers: others.values.sorted())
    self.manager?.gossipSeeds.withLock { $0 = managers.seeds }
    self.manager?.whereabouts.hear(others)
  }

  /// Looks for others while alone, and for new keys now and then.
  private func refresh(_ member: GossipNode) async throws {
    var lastKeys = Duration.zero
    var now = Duration.zero
    while true {
      let isAlone = try await member.members().count { $0.status.isPresent } < 2
      let pause = isAlone ? Self.lonelyPause : Self.refreshPause
      try await Task.sleep(for: pause)
      now += pause
      guard let bootstrap = try? await self.bootstrap() else { continue }
      if isAlone {
        _ = try? await member.join(bootstrap.seeds.map { text throws(GossipError) in try GossipEndpoint(text) })
      }
      guard now - lastKeys >= Self.refreshPause else { continue }
      lastKeys = now
      try? await self.refreshKeys()
    }
  }
}
