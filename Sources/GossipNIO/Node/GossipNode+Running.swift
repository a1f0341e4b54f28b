// SPDX-License-Identifier: Apache-2.0

internal import Gossip
internal import Logging
internal import NIOCore
internal import NIOPosix
public import ServiceLifecycle
internal import Synchronization

extension GossipNode: Service {
  /// Listens, joins the seeds and the remembered peers, and takes part until ``leave()``, ``stop()``, cancellation or graceful
  /// shutdown of its service group.
  ///
  /// - Throws: ``Gossip/GossipError``: `transportFailed` when the port can't be had, `storageFailed` when the peer file can't
  ///   be used. A node runs once; make a new one to try again.
  public func run() async throws {
    let isFirst = self.phase.withLock { phase in
      guard phase == .idle else { return false }
      phase = .running
      return true
    }
    guard isFirst else { throw GossipError(.stopped, "a node runs once") }
    do {
      try await withTaskCancellationOrGracefulShutdownHandler {
        try await self.runUntilEnded()
      } onCancelOrGracefulShutdown: {
        self.beginEnd(saysGoodbye: self.configuration.leavesAtEnd)
      }
    } catch {
      self.ended(error)
      throw error
    }
    self.ended(nil)
  }

  /// Says good-bye, so that nobody holds this member for failed, and makes ``run()`` return.
  ///
  /// Takes 2 s at most. Returns at once when the node doesn't run.
  public func leave() async { await self.finish(saysGoodbye: true) }

  /// Falls silent and makes ``run()`` return; the others will hold this member for failed.
  public func stop() async { await self.finish(saysGoodbye: false) }

  private func finish(saysGoodbye: Bool) async {
    let wasIdle = self.phase.withLock { phase in
      guard phase == .idle else { return false }
      phase = .ended
      return true
    }
    if wasIdle { return self.ended(nil) }
    self.beginEnd(saysGoodbye: saysGoodbye)
    try? await self.hasEnded.futureResult.get()
  }

  private func beginEnd(saysGoodbye: Bool) {
    self.eventLoop.execute {
      guard saysGoodbye, let driver = self.driver.value else { return self.end.succeed() }
      let goodbye = self.eventLoop.makePromise(of: Void.self)
      goodbye.futureResult.whenComplete { _ in self.end.succeed() }
      driver.leave(goodbye)
    }
  }

  private func ended(_ error: (any Error)?) {
    self.phase.withLock { $0 = .ended }
    self.hub.finish()
    self.hasStarted.fail(error ?? Self.stopped)
    self.end.succeed()
    self.hasEnded.succeed()
  }

  // MARK: - From start to end

  private func runUntilEnded() async throws {
    let start = try await self.prepare()
    let sockets = try await Sockets.open(
      start.listen,
      on: self.eventLoop,
      configuration: self.configuration
    ) { [weak self] channel in
      channel.eventLoop.makeCompletedFuture {
        guard let driver = self?.driver.value else { throw Self.stopped }
        try driver.accept(channel)
      }
    }
    do {
      let endpoint = try await self.eventLoop.submit { try self.begin(start, sockets) }.get()
      self.hasStarted.succeed(endpoint)
      self.lookUpSeeds(start.peers)
      try await self.end.futureResult.get()
    } catch {
      await self.close(sockets)
      throw error
    }
    await self.close(sockets)
  }

  private func close(_ sockets: Sockets) async {
    let isIdle = self.eventLoop.makePromise(of: Void.self)
    self.eventLoop.execute {
      if let driver = self.driver.value {
        driver.stop()
        self.memory.value?.write(driver.memory)
      }
      self.driver.value = nil
      guard let memory = self.memory.value else { return isIdle.succeed() }
      memory.whenIdle(isIdle)
      self.memory.value = nil
    }
    await sockets.close()
    try? await isIdle.futureResult.get()
  }

  /// What is found out before anything is opened.
  private struct Start: Sendable {
    var listen: SocketAddress
    var advertise: SocketAddress?
    var epoch: UInt64
    var peers: [GossipAddress]
  }

  private func prepare() async throws -> Start {
    let configuration = self.configuration
    let logger = self.logger
    return try await NIOSingletons.posixBlockingThreadPool.runIfActive {
      let now = UInt64(max(0, MachineFacts.millisecondsSince1970))
      let file = try configuration.peerFile.map { try PeerMemory.begin($0, now: now, logger: logger) }
      return Start(
        listen: try configuration.listen.resolve(),
        advertise: try configuration.advertise?.resolve(),
        epoch: file?.epoch ?? now,
        peers: file?.peers ?? []
      )
    }
  }

  private func begin(_ start: Start, _ sockets: Sockets) throws -> GossipEndpoint {
    guard let bound = sockets.address.flatMap({ GossipAddress($0) }) else {
      throw GossipError(.transportFailed, "the socket has no address")
    }
    var address = start.advertise.flatMap { GossipAddress($0) } ?? bound
    if address.port == 0 { address.port = bound.port }
    if address.isWildcard { address = MachineFacts.firstAddress(port: address.port, isIPv6: bound.ipv4 == nil) }
    if !address.isLoopback, self.configuration.keys.isEmpty {
      self.logger.warning("gossip is in the clear: there is no key", metadata: ["address": "\(address)"])
    }
    let core = try GossipCore(
      id: MemberID(self.configuration.name),
      epoch: start.epoch,
      address: address,
      metadata: self.configuration.metadata,
      configuration: self.configuration.coreConfiguration,
      seed: UInt64.random(in: 0 ... .max),
      now: .nanoseconds(Int64(clamping: NIODeadline.now().uptimeNanoseconds))
    )
    if let path = self.configuration.peerFile {
      self.memory.value = PeerMemory(path: path, eventLoop: self.eventLoop, logger: self.logger)
    }
    var source = sockets.address
    source?.port = 0
    let driver = GossipDriver(
      GossipDriver.Parts(
        configuration: self.configuration,
        core: core,
        keyring: try Keyring(self.configuration.keys),
        socket: sockets.packets,
        source: bound.isWildcard ? nil : source,
        logger: self.logger,
        hub: self.hub,
        remember: { [weak self] file in self?.memory.value?.write(file) },
        lookUpSeeds: { [weak self] in self?.lookUpSeeds([]) },
        hasFailed: { [weak self] error in self?.end.fail(error) }
      )
    )
    self.driver.value = driver
    try sockets.packets.pipeline.syncOperations.addHandler(PacketHandler(driver))
    sockets.packets.setOption(.autoRead, value: true).whenFailure { _ in }
    driver.turn()
    return GossipEndpoint(address)
  }

  /// Looks the seeds up and joins what is found, if it is anything new.
  private func lookUpSeeds(_ peers: [GossipAddress]) {
    let seeds = self.configuration.seeds
    guard !seeds.isEmpty || !peers.isEmpty else { return }
    let logger = self.logger
    NIOSingletons.posixBlockingThreadPool.runIfActive(eventLoop: self.eventLoop) {
      GossipNode.addresses(of: seeds, logger)
    }.whenSuccess { found in
      guard let driver = self.driver.value, !driver.isStopped else { return }
      driver.join(found + peers, waiter: nil)
    }
  }

  /// What can be looked up; blocks.
  static func addresses(of seeds: [GossipEndpoint], _ logger: Logger) -> [GossipAddress] {
    var found: [GossipAddress] = []
    for seed in seeds {
      do throws(GossipError) {
        if let address = GossipAddress(try seed.resolve()) { found.append(address) }
      } catch {
        logger.warning("a gossip seed can't be looked up", metadata: ["seed": "\(seed)", "reason": "\(error)"])
      }
    }
    return found
  }
}
