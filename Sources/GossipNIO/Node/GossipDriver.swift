// SPDX-License-Identifier: Apache-2.0

internal import Gossip
internal import Logging
internal import NIOCore

/// Owns the core on the node's event loop and carries out what it asks for.
///
/// Everything here runs on that loop. A turn is: feed what came, take one batch, carry it out, and set the timer.
final class GossipDriver {
  /// What a driver needs to begin.
  struct Parts {
    var configuration: GossipNodeConfiguration
    var core: GossipCore
    var keyring: Keyring
    var socket: any Channel
    /// Where streams that this side opens come from; nil for any address of the machine.
    var source: SocketAddress?
    var logger: Logger
    var hub: EventHub
    /// Called when the core's epoch or the peers to remember changed.
    var remember: (PeerFile) -> Void
    /// Called when no seed answers: their names may stand for other addresses by now.
    var lookUpSeeds: () -> Void
    /// Called once when the socket is gone.
    var hasFailed: (GossipError) -> Void
  }

  let limits: TransportLimits
  /// The longest frame of a stream whose other side knows a key.
  let frameLimit: Int
  var core: GossipCore
  var sealer: Sealer
  private(set) var traffic = GossipTraffic()
  var joins = PendingJoins()
  var seeds: [GossipAddress] = []
  var watches: [Int: RecordWatch] = [:]
  var nextWatch = 0
  var streams: [StreamID: Stream] = [:]
  var strangers: [ObjectIdentifier: StreamHandler] = [:]

  let parts: Parts
  let logger: Logger
  private var timer: Scheduled<Void>?
  private var timerDue = Duration.zero
  private(set) var isStopped = false
  private var leaving: [EventLoopPromise<Void>] = []
  private var hasLeft = false
  private var rememberTask: Scheduled<Void>?
  private var lookAroundTask: Scheduled<Void>?
  /// Whether addresses of IPv4 are mapped into those of IPv6 for the socket.
  private let isMapped: Bool
  private var lastRefusalLogged = Duration.seconds(-60)

  var eventLoop: any EventLoop { self.parts.socket.eventLoop }

  init(_ parts: Parts) {
    self.parts = parts
    self.limits = parts.configuration.limits
    self.frameLimit = parts.configuration.gossip.synchronising.chunkBytes * 2 + 4096
    self.core = parts.core
    self.sealer = Sealer(
      keyring: parts.keyring,
      label: parts.configuration.gossip.label,
      sessions: parts.configuration.limits.senders
    )
    self.logger = parts.logger
    self.isMapped = parts.socket.localAddress?.protocol == .inet6
  }

  /// The monotonic time that the core is fed with.
  var now: Duration { .nanoseconds(Int64(clamping: NIODeadline.now().uptimeNanoseconds)) }

  // MARK: - What comes in

  func received(_ packet: ByteBuffer, from source: SocketAddress) {
    guard !self.isStopped, let address = GossipAddress(source), !self.parts.configuration.faults.drops(.packet, address) else {
      return
    }
    self.traffic.packetsReceived += 1
    self.traffic.bytesReceived += packet.readableBytes
    do throws(GossipError) {
      let bytes = try self.sealer.openPacket(packet)
      try self.core.receive(packet: bytes[...], from: address, now: self.now)
    } catch {
      self.refused(error, from: address)
    }
  }

  /// Something couldn't be taken; nothing was changed.
  func refused(_ error: GossipError, from address: GossipAddress) {
    self.traffic.refused += 1
    self.joins.refused(error, by: address)
    // A flood of them must not become a flood of lines.
    guard self.now - self.lastRefusalLogged >= .seconds(10) else { return }
    self.lastRefusalLogged = self.now
    self.logger.warning(
      "gossip was refused",
      metadata: ["peer": "\(address)", "reason": "\(error)", "refused": "\(self.traffic.refused)"]
    )
  }

  func packetFailed(_ error: any Error) {
    self.logger.debug("a gossip packet wasn't sent", metadata: ["error": "\(error)"])
  }

  func socketClosed() {
    guard !self.isStopped else { return }
    self.stop()
    self.parts.hasFailed(GossipError(.transportFailed, "the UDP socket was closed"))
  }

  // MARK: - Turns

  /// Feeds something that isn't a packet, and ends the turn.
  func with<Result, Failure: Error>(
    _ body: (inout GossipCore, Duration) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let result = try body(&self.core, self.now)
    self.turn()
    return result
  }

  /// Carries out what the core asks for, and sets the timer.
  func turn() {
    guard !self.isStopped else { return }
    if self.core.nextDeadline <= self.now { self.core.tick(now: self.now) }
    while self.core.hasReady {
      let ready = self.core.takeReady()
      self.send(ready.bytes, ready.packets)
      for action in ready.streams { self.perform(action) }
      if !ready.events.isEmpty { self.tell(ready.events) }
      self.core.recycle(ready)
    }
    for id in self.watches.keys { self.watches[id]?.yieldChanges() }
    self.flushStreams()
    self.setTimer()
  }

  private func send(_ bytes: [UInt8], _ packets: [OutgoingPacket]) {
    guard !packets.isEmpty else { return }
    for packet in packets where !self.parts.configuration.faults.drops(.packet, packet.receiver) {
      var buffer = self.parts.socket.allocator.buffer(capacity: packet.range.count + Seal.overhead)
      do {
        try self.sealer.sealPacket(bytes[packet.range], into: &buffer)
        let receiver = try SocketAddress(packet.receiver, isMapped: self.isMapped)
        self.traffic.packetsSent += 1
        self.traffic.bytesSent += buffer.readableBytes
        self.parts.socket.write(AddressedEnvelope(remoteAddress: receiver, data: buffer), promise: nil)
      } catch {
        self.packetFailed(error)
      }
    }
    self.parts.socket.flush()
  }

  private func setTimer() {
    let due = self.core.nextDeadline
    if self.timer != nil, due == self.timerDue { return }
    self.timer?.cancel()
    self.timerDue = due
    let wait = max(.zero, due - self.now)
    self.timer = self.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(min(wait, .seconds(3600)))) { [weak self] in
      guard let self, !self.isStopped else { return }
      self.timer = nil
      self.core.tick(now: self.now)
      self.turn()
    }
  }

  // MARK: - What the host learns

  private func tell(_ events: [GossipEvent]) {
    self.parts.hub.yield(events)
    for event in events {
      self.note(event)
      for id in self.watches.keys { self.watches[id]?.note(event) { self.core.records(of: $0) } }
    }
  }

  private func note(_ event: GossipEvent) {
    switch event {
    case .joined, .returned, .restarted, .forgotten:
      self.rememberSoon()
    case .failed, .left:
      self.rememberSoon()
      if self.core.presentCount < 2 { self.lookAround() }
    case .renewed:
      self.remember()
    case .joinCompleted(let address):
      self.joins.succeed(through: address)
    case .joinFailed(let attempts):
      self.logger.warning("no gossip seed answers", metadata: ["attempts": "\(attempts)"])
      self.joins.fail(GossipError(.unreachable, "none of the seeds answered in \(attempts) attempts"))
      self.parts.lookUpSeeds()
    case .leaveCompleted:
      self.hasLeft = true
      for promise in self.leaving { promise.succeed() }
      self.leaving = []
    case .paused(let time):
      self.logger.warning("this process stood still", metadata: ["time": "\(time)"])
    case .conflict(let member, let address):
      self.logger.warning("two nodes use one name", metadata: ["member": "\(member.id)", "address": "\(address)"])
    case .superseded(let address):
      self.logger.warning("another node uses this node's name", metadata: ["address": "\(address)"])
    default:
      break
    }
  }

  /// What to begin with at the next start: the epoch, and who is present.
  var memory: PeerFile {
    PeerFile(epoch: self.core.own.epoch, peers: self.core.otherAddresses(limit: PeerFile.limit))
  }

  private func remember() { self.parts.remember(self.memory) }

  /// Many come and go together, so the file is written a moment later.
  private func rememberSoon() {
    guard self.rememberTask == nil, self.parts.configuration.peerFile != nil else { return }
    self.rememberTask = self.eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) { [weak self] in
      guard let self, !self.isStopped else { return }
      self.rememberTask = nil
      self.remember()
    }
  }

  /// Everybody is gone: maybe the seeds' names stand for other addresses by now.
  private func lookAround() {
    guard self.lookAroundTask == nil else { return }
    self.lookAroundTask = self.eventLoop.assumeIsolated().scheduleTask(in: .seconds(10)) { [weak self] in
      guard let self, !self.isStopped else { return }
      self.lookAroundTask = nil
      guard self.core.presentCount < 2 else { return }
      self.parts.lookUpSeeds()
      self.lookAround()
    }
  }

  // MARK: - The end

  /// Says good-bye.
  ///
  /// - Parameter promise: succeeds when it has spread.
  func leave(_ promise: EventLoopPromise<Void>) {
    if self.hasLeft || self.isStopped { return promise.succeed() }
    self.leaving.append(promise)
    self.with { core, now in core.leave(now: now) }
  }

  /// Falls silent.
  func stop() {
    guard !self.isStopped else { return }
    self.isStopped = true
    self.timer?.cancel()
    self.rememberTask?.cancel()
    self.lookAroundTask?.cancel()
    self.closeStreams()
    let error = GossipError(.stopped, "the node is stopped")
    self.joins.fail(error)
    for promise in self.leaving { promise.fail(error) }
    self.leaving = []
    for watch in self.watches.values { watch.finish() }
    self.watches = [:]
    self.parts.socket.close(promise: nil)
  }

  func count(_ change: (inout GossipTraffic) -> Void) { change(&self.traffic) }
}
