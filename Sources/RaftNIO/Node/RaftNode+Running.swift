// SPDX-License-Identifier: Apache-2.0

internal import Logging
public import NIOCore
internal import NIOPosix
internal import Raft
public import ServiceLifecycle
internal import SwarmSockets
internal import Synchronization

extension RaftNode: Service {
  /// Recovers, listens, and takes part in the group until ``shutdown()``, cancellation or graceful shutdown of its
  /// service group.
  ///
  /// - Throws: `RaftError`: `invalidConfiguration`, `corrupt`, `unsupportedFormat`, `keyMissing`, `keyRefused` or
  ///   `storageFailed` when the directory can't be used (nothing is changed then), `storageFailed` when a write fails later, or the error of binding the
  ///   listener. A node runs once; make a new one to try again.
  public func run() async throws {
    try await self.run { threads in
      try await withGracefulShutdownHandler {
        try await self.runUntilStopped(threads)
      } onGracefulShutdown: {
        self.end(gracefully: true)
      }
    }
  }

  /// Does what ``run()`` does, but for a host that shuts the node down itself when its turn has come: a graceful shutdown of the service group
  /// alone ends nothing.
  package func runUntilShutdown() async throws {
    try await self.run { threads in try await self.runUntilStopped(threads) }
  }

  private func run(_ body: (Threads) async throws -> Void) async throws {
    try self.configuration.validate()
    let isFirst = self.phase.withLock { phase in
      guard phase == .idle else { return false }
      phase = .running
      return true
    }
    guard isFirst else { throw RaftError(.stopped, "a node runs once") }
    let threads = Threads()
    do {
      try await withTaskCancellationHandler {
        try await body(threads)
      } onCancel: {
        self.end(gracefully: true)
      }
    } catch {
      await self.ended(threads, error)
      throw error
    }
    await self.ended(threads, nil)
  }

  /// Hands leadership over when this member leads and somebody can take it, closes the log, and makes ``run()`` return.
  ///
  /// Returns when all that is done; at once when the node doesn't run.
  ///
  /// - Parameter gracefully: `false` ends the node as SIGKILL ends a process: leadership isn't handed over, nothing that
  ///   isn't written yet is written, and ``run()`` throws. For tests of what comes after.
  public func shutdown(gracefully: Bool = true) async {
    let wasIdle = self.phase.withLock { phase in
      guard phase == .idle else { return false }
      phase = .stopped
      return true
    }
    if wasIdle { return await self.ended(nil, nil) }
    self.end(gracefully: gracefully)
    try? await self.hasStopped.futureResult.get()
  }

  /// Takes a channel that another member made, for hosts that share a port: the other side speaks Raft frames on it.
  ///
  /// Call it on the channel's event loop, which must be the node's, before the first bytes are read; they may still hold
  /// the preamble `SWRAFT\0\1`. The channel is closed when it isn't wanted.
  public func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
    guard channel.eventLoop === self.eventLoop else {
      channel.close(promise: nil)
      return channel.eventLoop.makeFailedFuture(
        RaftError(.transportFailed, "a channel of another event loop was handed to the node")
      )
    }
    return channel.eventLoop.makeCompletedFuture {
      guard let running = self.running.value else {
        channel.close(promise: nil)
        throw RaftError(.stopped, "the node isn't running")
      }
      _ = channel.setOption(.tcpOption(.tcp_nodelay), value: 1)
      PeerTransport.limitSilence(channel, self.configuration.transport.idleTimeout)
      try channel.pipeline.syncOperations.closeOnExecution()
      try running.driver.transport.accept(channel)
    }
  }

  /// Where the node listens, once it does; `nil` when it has no listener of its own.
  ///
  /// - Throws: What kept it from listening.
  public func listeningAddress() async throws -> SocketAddress? {
    try await self.isListening.futureResult.get()
  }

  private func end(gracefully: Bool) {
    self.eventLoop.execute {
      if let running = self.running.value {
        if gracefully { running.driver.leave() } else { running.driver.kill() }
      } else {
        // It is still recovering, and will find this.
        self.phase.withLock { $0 = .stopped }
      }
    }
  }

  // MARK: - From start to end

  private func runUntilStopped(_ threads: Threads) async throws {
    let opened = try await threads.log.runIfActive { try self.open(threads) }
    let listener = try await self.listen()
    let ended = self.eventLoop.makePromise(of: Void.self)
    do {
      try await self.eventLoop.submit { try self.start(opened, threads, ended) }.get()
      self.hasStarted.succeed()
      try await ended.futureResult.get()
    } catch {
      try? await listener?.close()
      throw error
    }
    try? await listener?.close()
  }

  /// What recovery leaves behind.
  private struct Opened: Sendable {
    var writer: LogWriter
    var restored: RestoredState
    var snapshot: (stored: StoredSnapshot, payload: [UInt8])?
    var unfinished: (identity: SnapshotIdentity, received: Int)?
    var repair: String?
  }

  private func open(_ threads: Threads) throws -> Opened {
    let storage = try NodeStorage(opening: self.configuration)
    let (restored, snapshot, repair) = (storage.restored, storage.snapshot, storage.repair)
    let unfinished = storage.unfinished
    let writer = LogWriter(
      store: storage.log,
      snapshots: self.configuration.snapshotStore,
      pool: threads.log,
      eventLoop: self.eventLoop
    ) { [weak self] report in
      self?.running.value?.driver.handle(report)
    }
    return Opened(writer: writer, restored: restored, snapshot: snapshot, unfinished: unfinished, repair: repair)
  }

  private func listen() async throws -> (any Channel)? {
    guard let address = self.configuration.listen else {
      self.isListening.succeed(nil)
      return nil
    }
    guard case .channels(let channels) = self.configuration.network.kind else {
      self.isListening.succeed(nil)
      return nil
    }
    let listener = try await ServerBootstrap(group: self.eventLoop)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.closeOnExecution() }
      }
      .childChannelOption(.recvAllocator, value: PeerTransport.receiveAllocator)
      .childChannelInitializer { [weak self] channel in
        do {
          try channels.prepare(accepted: channel)
        } catch {
          return channel.eventLoop.makeFailedFuture(error)
        }
        return self?.accept(channel) ?? channel.close()
      }
      .bind(host: address.host, port: address.port)
      .get()
    self.isListening.succeed(listener.localAddress)
    return listener
  }

  private func start(_ opened: Opened, _ threads: Threads, _ ended: EventLoopPromise<Void>) throws {
    guard self.phase.withLock({ $0 == .running }) else {
      opened.writer.abandon()
      return ended.succeed()
    }
    if let repair = opened.repair { self.logger.warning("\(repair)") }
    let host = MachineHost(self.initialMachine, self.queue, self.work)
    // A witness's snapshot has no bytes, and may be older than the entry that says what it is.
    let isFull = opened.restored.membership[self.configuration.member]?.isWitness == false
    let isStateless = opened.snapshot?.payload.isEmpty == true && !isFull
    if let payload = opened.snapshot?.payload, !isStateless { try host.restore(from: payload) }
    let parts = NodeDriver.Parts(
      eventLoop: self.eventLoop,
      configuration: self.configuration,
      logger: self.logger,
      host: host,
      writer: opened.writer,
      snapshotStore: self.configuration.snapshotStore,
      snapshotPool: threads.snapshots,
      snapshot: opened.snapshot?.stored,
      isStateless: isStateless,
      unfinishedSnapshot: opened.unfinished,
      events: self.hub,
      hasStopped: { error in
        if let error { ended.fail(error) } else { ended.succeed() }
      }
    )
    let driver = try NodeDriver(parts, restored: opened.restored)
    self.running.value = Running(driver: driver, host: host)
    driver.scheduleTurn()
    self.drain()
  }

  private func ended(_ threads: Threads?, _ error: (any Error)?) async {
    self.phase.withLock { $0 = .stopped }
    let reason = RaftError(.stopped, "the node is stopped", cause: error)
    self.eventLoop.execute {
      self.closeQueue(reason)
      self.running.value = nil
    }
    await threads?.stop()
    self.hub.finish()
    self.hasStarted.fail(reason)
    self.isListening.fail(error ?? reason)
    if let error { self.hasStopped.fail(error) } else { self.hasStopped.succeed() }
  }
}

/// The threads of a node besides its event loop.
private struct Threads: Sendable {
  /// Writes the log, and nothing else.
  let log = NIOThreadPool(numberOfThreads: 1)
  /// Writes, reads and sends snapshots, one step at a time.
  let snapshots = NIOThreadPool(numberOfThreads: 1)

  init() {
    self.log.start()
    self.snapshots.start()
  }

  func stop() async {
    try? await self.log.shutdownGracefully()
    try? await self.snapshots.shutdownGracefully()
  }
}
