// SPDX-License-Identifier: Apache-2.0

internal import Gossip
internal import NIOCore
internal import NIOPosix

extension GossipDriver {
  /// A stream between its first and its last frame.
  struct Stream {
    var peer: GossipAddress
    /// Nil while the connection is being made.
    var handler: StreamHandler?
    /// What waits for the connection.
    var waiting: [[UInt8]] = []
  }

  // MARK: - What the core asks for

  func perform(_ action: StreamAction) {
    switch action {
    case .open(let id, to: let peer):
      self.streams[id] = Stream(peer: peer)
      self.count { $0.streamsOpened += 1 }
      self.connect(id, to: peer)
    case .send(let id, let frame):
      if let handler = self.streams[id]?.handler { handler.send(frame) } else { self.streams[id]?.waiting.append(frame) }
    case .close(let id):
      self.streams.removeValue(forKey: id)?.handler?.close()
    }
  }

  private func connect(_ id: StreamID, to peer: GossipAddress) {
    guard !self.parts.configuration.faults.drops(.stream, peer), let address = try? SocketAddress(peer) else { return }
    var bootstrap = ClientBootstrap(group: self.eventLoop)
      .connectTimeout(TimeAmount(self.limits.connectTime))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelOption(.recvAllocator, value: Self.receiveAllocator)
    if let source = self.parts.source { bootstrap = bootstrap.bind(to: source) }
    bootstrap.connect(to: address).assumeIsolated().whenComplete { result in
      self.connected(id, result)
    }
  }

  private func connected(_ id: StreamID, _ result: Result<any Channel, any Error>) {
    switch result {
    case .success(let channel):
      guard !self.isStopped, let stream = self.streams[id] else { return channel.close(promise: nil) }
      let session = self.sealer.makeStreamSession()
      let handler = StreamHandler(opening: id, to: stream.peer, session: session, driver: self)
      do {
        try channel.pipeline.syncOperations.addHandler(handler)
      } catch {
        return self.streamEnded(id)
      }
      self.streams[id] = Stream(peer: stream.peer, handler: handler)
      for frame in stream.waiting { handler.send(frame) }
      handler.flush()
    case .failure:
      self.streamEnded(id)
    }
  }

  private func streamEnded(_ id: StreamID) {
    guard self.streams.removeValue(forKey: id) != nil, !self.isStopped else { return }
    self.with { core, now in core.streamClosed(id, now: now) }
  }

  func flushStreams() {
    for stream in self.streams.values { stream.handler?.flush() }
  }

  func closeStreams() {
    for stream in self.streams.values { stream.handler?.end() }
    for stranger in self.strangers.values { stranger.end() }
    self.streams = [:]
    self.strangers = [:]
  }

  // MARK: - What others open

  /// Somebody connected; he is a stranger until his first frame was opened.
  func accept(_ channel: any Channel) throws {
    guard !self.isStopped, let source = channel.remoteAddress, let peer = GossipAddress(source),
      !self.parts.configuration.faults.drops(.stream, peer)
    else { return channel.close(promise: nil) }
    if self.strangers.count >= self.limits.strangers, let oldest = self.strangers.values.min(by: { $0.began < $1.began }) {
      self.strangers[ObjectIdentifier(oldest)] = nil
      oldest.end()
    }
    let handler = StreamHandler(acceptedFrom: peer, session: self.sealer.makeStreamSession(), driver: self)
    try channel.pipeline.syncOperations.addHandler(handler)
    self.strangers[ObjectIdentifier(handler)] = handler
    self.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(self.limits.strangerTime)) { [weak self, weak handler] in
      guard let self, let handler, self.strangers.removeValue(forKey: ObjectIdentifier(handler)) != nil else { return }
      handler.end()
    }
  }

  /// A stranger's first frame was opened.
  ///
  /// - Returns: the stream's name; nil when there are too many.
  func accept(_ handler: StreamHandler) -> StreamID? {
    self.strangers[ObjectIdentifier(handler)] = nil
    guard let id = self.core.acceptStream(from: handler.peer, now: self.now) else { return nil }
    self.count { $0.streamsAccepted += 1 }
    self.streams[id] = Stream(peer: handler.peer, handler: handler)
    return id
  }

  func received(frame: [UInt8], on id: StreamID) throws(GossipError) {
    guard let stream = self.streams[id], !self.parts.configuration.faults.drops(.stream, stream.peer) else { return }
    try self.core.receive(frame: frame[...], on: id, now: self.now)
  }

  func closed(_ handler: StreamHandler) {
    self.strangers[ObjectIdentifier(handler)] = nil
    if let id = handler.id, self.streams[id]?.handler === handler { self.streamEnded(id) }
  }

  private static let receiveAllocator = AdaptiveRecvByteBufferAllocator(minimum: 1024, initial: 4096, maximum: 64 << 10)
}
