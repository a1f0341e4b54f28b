// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Raft
internal import SwarmSockets

/// The connections to the other members: dials each of them, takes what they dial, and knows which one to speak through.
///
/// Lives on the node's event loop. One connection per member and direction; the one that this side dialled is preferred,
/// the other one will do (a member that just joined can't dial its leader yet).
final class PeerTransport: PeerConnection.Owner {
  /// Who takes what arrives.
  protocol Delegate: AnyObject {
    func received(_ frame: PeerFrame, from peer: RaftID, on connection: PeerConnection)
    /// Everything that came together was passed on.
    func readEnded()
    /// The member can be spoken to, and couldn't before.
    func peerFound(_ peer: RaftID)
    /// No connection to the member is left.
    func peerLost(_ peer: RaftID, _ reason: DisconnectReason)
    /// A connection was closed because of what came through it; `nil` when nobody knows from whom.
    func connectionRefused(from peer: RaftID?, _ reason: String)
  }

  private struct Peer {
    /// What the group knows about it; `nil` when it doesn't belong to the group: then it is answered but never dialled.
    var member: Member?
    var outbound: PeerConnection?
    var inbound: PeerConnection?
    var isDialling = false
    /// Whether the delegate knows that there is a connection.
    var isFound = false
    var delay: Duration?
    /// Whether it closed the last connection with a reason, which haste won't change.
    var hasRefused = false
    var retry: Scheduled<Void>?
  }

  /// Held until ``close()``; not weakly, which makes every use of an object slower.
  var delegate: (any Delegate)?

  private let eventLoop: any EventLoop
  private let clusterID: String
  private let member: RaftID
  private let address: @Sendable (Member) -> PeerAddress?
  private let policy: RaftNodeConfiguration.TransportPolicy
  private let network: PeerNetwork.Kind
  private let logger: Logger
  private var peers: [RaftID: Peer] = [:]
  private var unnamed: [ObjectIdentifier: PeerConnection] = [:]
  /// The connections that have something to send.
  private var filled: [PeerConnection] = []
  private var isClosed = false

  init(_ configuration: RaftNodeConfiguration, eventLoop: any EventLoop, logger: Logger) {
    self.eventLoop = eventLoop
    self.clusterID = configuration.clusterID
    self.member = configuration.member
    self.address = configuration.address
    self.policy = configuration.transport
    self.network = configuration.network.kind
    self.logger = logger
    if case .inProcess(let network) = self.network { network.register(self, as: self.member, on: eventLoop) }
  }

  // MARK: - Members

  /// Dials who is new or moved, and lets go of who is gone.
  func update(_ membership: Membership) {
    for member in membership.members where member.id != self.member {
      let old = self.peers[member.id]?.member
      self.peers[member.id, default: Peer()].member = member
      guard old?.context != member.context else { continue }
      self.peers[member.id]?.outbound?.close(.superseded)
      self.dial(member.id)
    }
    for (id, peer) in self.peers where membership[id] == nil {
      peer.retry?.cancel()
      // What was sent last may be on its way still; the member closes when it is done with us.
      self.peers[id]?.retry = nil
      self.peers[id]?.member = nil
    }
  }

  /// Adds a message to what is written at the end of the turn.
  ///
  /// It is lost when there is no connection.
  func send(_ message: Message) {
    guard let connection = self.connection(to: message.to) else { return }
    if connection.isEmpty { self.filled.append(connection) }
    connection.send(.message(message))
  }

  /// The connection to speak through.
  func connection(to peer: RaftID) -> PeerConnection? {
    guard let peer = self.peers[peer] else { return nil }
    if let outbound = peer.outbound, outbound.isUsable { return outbound }
    if let inbound = peer.inbound, inbound.isUsable { return inbound }
    return nil
  }

  /// Writes what was added: one write per connection.
  func flush() {
    for connection in self.filled { connection.flush() }
    self.filled.removeAll(keepingCapacity: true)
  }

  /// Ends everything; nothing is reported any more.
  func close() {
    self.isClosed = true
    self.delegate = nil
    if case .inProcess(let network) = self.network { network.unregister(self, as: self.member) }
    for peer in self.peers.values {
      peer.retry?.cancel()
      peer.outbound?.close(.superseded)
      peer.inbound?.close(.superseded)
    }
    for connection in self.unnamed.values { connection.close(.superseded) }
    self.peers = [:]
    self.unnamed = [:]
  }

  // MARK: - Taking connections

  /// Takes a channel that another member made.
  ///
  /// It may still hold the preamble.
  func accept(_ channel: any Channel) throws {
    guard !self.isClosed else { throw RaftError(.stopped, "the node is stopped") }
    let connection = ChannelConnection(
      acceptedBy: self,
      logger: self.logger,
      now: .now(),
      handshakeTimeout: TimeAmount(self.policy.idleTimeout)
    )
    self.unnamed[ObjectIdentifier(connection)] = connection
    try channel.pipeline.syncOperations.addHandler(connection)
  }

  func connection(_ connection: PeerConnection, received handshake: PeerFrame.Handshake) -> String? {
    self.unnamed[ObjectIdentifier(connection)] = nil
    guard !self.isClosed else { return "the node is stopped" }
    guard handshake.clusterID == self.clusterID else {
      return "this is cluster \"\(self.clusterID)\", not \"\(handshake.clusterID)\""
    }
    guard handshake.to == self.member, handshake.from != self.member else {
      return "this is member \(self.member), not \(handshake.to)"
    }
    let old = self.peers[handshake.from]?.inbound
    self.peers[handshake.from, default: Peer()].inbound = connection
    old?.close(.superseded)
    self.found(handshake.from)
    // It is alive: there is no reason to wait before dialling it.
    if let peer = self.peers[handshake.from], peer.retry != nil, !peer.hasRefused {
      self.peers[handshake.from]?.delay = nil
      self.dial(handshake.from)
    }
    return nil
  }

  func connection(_ connection: PeerConnection, from peer: RaftID, received frame: PeerFrame) {
    guard !self.isClosed else { return }
    self.delegate?.received(frame, from: peer, on: connection)
  }

  func connectionReadEnded(_ connection: PeerConnection) {
    if !self.isClosed { self.delegate?.readEnded() }
  }

  func connection(_ connection: PeerConnection, refused reason: String) {
    if !self.isClosed { self.delegate?.connectionRefused(from: connection.peer, reason) }
  }

  private func found(_ id: RaftID) {
    guard self.peers[id]?.isFound == false else { return }
    self.peers[id]?.isFound = true
    self.delegate?.peerFound(id)
  }

  func connectionClosed(_ connection: PeerConnection) {
    self.unnamed[ObjectIdentifier(connection)] = nil
    guard !self.isClosed, let id = connection.peer, var peer = self.peers[id] else { return }
    let wasKnown = peer.outbound === connection || peer.inbound === connection
    if peer.outbound === connection { peer.outbound = nil }
    if peer.inbound === connection { peer.inbound = nil }
    if connection.isOutbound {
      peer.hasRefused = if case .refused = connection.end { true } else { false }
      if NIODeadline.now() - connection.began > .seconds(1) { peer.delay = nil }
    }
    let isGone = peer.outbound == nil && peer.inbound == nil
    if isGone { peer.isFound = false }
    self.peers[id] = isGone && peer.member == nil ? nil : peer
    if connection.isOutbound { self.dialLater(id) }
    if wasKnown, isGone { self.delegate?.peerLost(id, connection.end) }
  }

  // MARK: - Dialling

  private func dial(_ id: RaftID) {
    guard !self.isClosed, var peer = self.peers[id], let member = peer.member, peer.outbound == nil, !peer.isDialling else {
      return
    }
    peer.retry?.cancel()
    peer.retry = nil
    switch self.network {
    case .channels(let channels):
      self.dial(member, peer, through: channels)
    case .inProcess(let network):
      self.peers[id] = peer
      self.dial(member, through: network)
    }
  }

  private func dial(_ member: Member, _ peer: Peer, through channels: any PeerChannels) {
    self.peers[member.id] = peer
    guard let address = self.address(member) else {
      // It may become known later.
      return self.dialLater(member.id)
    }
    self.peers[member.id]?.isDialling = true
    let bootstrap = ClientBootstrap(group: self.eventLoop)
      .connectTimeout(TimeAmount(self.policy.connectTimeout))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelOption(.recvAllocator, value: PeerTransport.receiveAllocator)
    channels.connect(bootstrap, to: member, at: address)
      .assumeIsolated()
      .whenComplete { result in
        self.dialled(member, at: address, result)
      }
  }

  private func dialled(_ member: Member, at address: PeerAddress, _ result: Result<any Channel, any Error>) {
    let id = member.id
    self.peers[id]?.isDialling = false
    switch result {
    case .success(let channel):
      guard !self.isClosed, self.peers[id]?.member?.context == member.context else {
        channel.close(promise: nil)
        return self.dial(id)
      }
      let connection = ChannelConnection(dialling: self.handshake(to: id), owner: self, logger: self.logger, now: .now())
      self.peers[id]?.outbound = connection
      PeerTransport.limitSilence(channel, self.policy.idleTimeout)
      do {
        try channel.pipeline.syncOperations.closeOnExecution()
        try channel.pipeline.syncOperations.addHandler(connection)
        self.found(id)
      } catch {
        self.peers[id]?.outbound = nil
        self.dialLater(id)
      }
    case .failure(let error):
      self.cannotReach(id, "\(error)", address: "\(address)")
    }
  }

  private func dial(_ member: Member, through network: InProcessNetwork) {
    let id = member.id
    self.peers[id]?.isDialling = true
    let connection = InProcessConnection(peer: id, isOutbound: true, owner: self, eventLoop: self.eventLoop)
    network.dial(self.handshake(to: id), connection, on: self.eventLoop) { failure in
      self.peers[id]?.isDialling = false
      if let failure { return self.cannotReach(id, failure, address: "in this process") }
      guard !self.isClosed, self.peers[id]?.member != nil else { return connection.close(.superseded) }
      self.peers[id]?.outbound = connection
      self.found(id)
    }
  }

  private func handshake(to id: RaftID) -> PeerFrame.Handshake {
    PeerFrame.Handshake(clusterID: self.clusterID, from: self.member, to: id)
  }

  private func cannotReach(_ id: RaftID, _ reason: String, address: String) {
    self.logger.debug("a member can't be reached", metadata: ["member": "\(id)", "address": "\(address)", "error": "\(reason)"])
    self.dialLater(id)
  }

  private func dialLater(_ id: RaftID) {
    guard !self.isClosed, var peer = self.peers[id], peer.member != nil, peer.retry == nil else { return }
    let delay = peer.delay ?? self.policy.reconnectDelay.lowerBound
    peer.delay = min(delay * 2, self.policy.reconnectDelay.upperBound)
    peer.retry = self.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) {
      self.peers[id]?.retry = nil
      self.dial(id)
    }
    self.peers[id] = peer
  }

  /// Reads grow with what comes, so that a busy connection needs few of them.
  static let receiveAllocator = AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 16 << 10, maximum: 512 << 10)

  /// Breaks a connection whose other end doesn't confirm what was sent: a host that vanished sends nothing that would.
  static func limitSilence(_ channel: any Channel, _ timeout: Duration) {
    #if os(Linux)
      let userTimeout = ChannelOptions.Types.SocketOption(level: .tcp, name: NIOBSDSocket.Option(rawValue: 18))
      let milliseconds = SocketOptionValue(clamping: TimeAmount(timeout).nanoseconds / 1_000_000)
      // A channel that has no such option does without.
      channel.setOption(userTimeout, value: milliseconds).whenFailure { _ in }
    #endif
  }
}
