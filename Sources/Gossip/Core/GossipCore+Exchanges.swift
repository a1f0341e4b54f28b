// SPDX-License-Identifier: Apache-2.0

extension GossipCore {
  // MARK: - What a driver reports

  /// Somebody opened a stream to this node.
  ///
  /// - Returns: its name, or nil when too many are open: then close it at once, the other side tries again later.
  public mutating func acceptStream(from peer: GossipAddress, now: Duration) -> StreamID? {
    self.begin(now)
    var incoming = 0
    for exchange in self.exchanges {
      if case .incoming = exchange.purpose { incoming += 1 }
    }
    guard incoming < self.configuration.synchronising.incomingExchanges else { return nil }
    return self.begin(.incoming(nil), with: peer, deadline: self.now + self.configuration.synchronising.timeout)
  }

  /// A frame arrived on a stream and was opened.
  ///
  /// - Throws: ``GossipError/Code/malformed``, ``GossipError/Code/unsupportedFormat``, ``GossipError/Code/wrongLabel`` or
  ///   ``GossipError/Code/unexpected``; the stream is closed and nothing else was changed.
  public mutating func receive(frame bytes: ArraySlice<UInt8>, on stream: StreamID, now: Duration) throws(GossipError) {
    guard let place = self.exchanges.firstIndex(where: { $0.id == stream }) else { return }
    let frame: Frame
    do {
      var reader = WireReader(bytes)
      frame = try reader.frame(label: self.label)
    } catch {
      self.refuse(stream)
      throw error
    }
    self.begin(now)
    self.exchanges[place].deadline = self.now + self.configuration.synchronising.timeout
    let purpose = self.exchanges[place].purpose
    self.replies.removeAll(keepingCapacity: true)
    switch (frame.body, purpose) {
    case (.probe(let target), .incoming(nil)):
      self.take(frame.rumours, from: frame.header.sender)
      self.answerProbe(stream, target: target)
    case (.probeAnswer, .probe):
      self.take(frame.rumours, from: frame.header.sender)
      self.close(stream)
      self.probeStreamAnswered(stream)
    case (.probeAnswer, .secondChance):
      self.counters.secondChancesTaken += 1
      self.take(frame.rumours, from: frame.header.sender)
      self.close(stream)
    case (.digests, .incoming(nil)):
      self.take(frame.rumours, from: frame.header.sender)
      self.answerSync(place, frame)
    case (.digests, .sync(let sync)), (.part, .sync(let sync)), (.next, .sync(let sync)):
      try self.proceed(place, sync, frame, isInitiator: true)
    case (.part, .incoming(let sync?)), (.next, .incoming(let sync?)):
      try self.proceed(place, sync, frame, isInitiator: false)
    default:
      self.refuse(stream)
      throw GossipError(.unexpected, "a frame doesn't belong here")
    }
    self.scheduleExchanges()
  }

  /// A stream ended, or couldn't be opened.
  public mutating func streamClosed(_ stream: StreamID, now: Duration) {
    self.begin(now)
    guard let place = self.exchanges.firstIndex(where: { $0.id == stream }) else { return }
    self.breakOff(self.exchanges.remove(at: place))
    self.scheduleExchanges()
  }

  // MARK: - Beginnings and ends

  @discardableResult
  mutating func begin(_ purpose: Exchange.Purpose, with peer: GossipAddress, deadline: Duration) -> StreamID {
    let id = StreamID(rawValue: self.nextStream)
    self.nextStream += 1
    self.exchanges.append(Exchange(id: id, peer: peer, deadline: deadline, purpose: purpose))
    self.exchangesDue = min(self.exchangesDue, deadline)
    return id
  }

  mutating func openProbeStream(to slot: Slot, deadline: Duration, purpose: Exchange.Purpose) -> StreamID {
    let record = self.members[slot]
    let id = self.begin(purpose, with: record.card.address, deadline: deadline)
    self.streams.append(.open(id, to: record.card.address))
    let claims = self.accusation(of: slot).map { [$0] } ?? []
    self.sendFrame(.probe(target: record.card.handle), claims, on: id)
    return id
  }

  private mutating func answerProbe(_ stream: StreamID, target: UInt64) {
    let own = self.members[self.members.own]
    if target == own.card.handle { self.sendFrame(.probeAnswer, [own.claim], on: stream) }
    self.close(stream)
  }

  mutating func sendFrame(_ body: Frame.Body, _ claims: [Claim] = [], on stream: StreamID) {
    var frame = WireWriter()
    var header = self.header
    header.kind = body.kind
    frame.header(header)
    frame.body(body)
    for claim in claims { frame.claim(claim) }
    self.streams.append(.send(stream, frame: frame.bytes))
  }

  /// Ends an exchange from this side.
  mutating func close(_ stream: StreamID) {
    self.exchanges.removeAll { $0.id == stream }
    self.streams.append(.close(stream))
    self.scheduleExchanges()
  }

  mutating func refuse(_ stream: StreamID) {
    self.counters.refused += 1
    guard let place = self.exchanges.firstIndex(where: { $0.id == stream }) else { return }
    self.breakOff(self.exchanges.remove(at: place))
    self.streams.append(.close(stream))
    self.scheduleExchanges()
  }

  mutating func expireExchanges() {
    while let place = self.exchanges.firstIndex(where: { self.now >= $0.deadline }) {
      let exchange = self.exchanges.remove(at: place)
      self.streams.append(.close(exchange.id))
      self.breakOff(exchange)
    }
    self.scheduleExchanges()
  }

  private mutating func breakOff(_ exchange: Exchange) {
    switch exchange.purpose {
    case .probe:
      if self.probe?.stream == exchange.id { self.probe?.stream = nil }
    case .secondChance, .incoming:
      break
    case .sync(let sync):
      self.counters.failedExchanges += 1
      if sync.reason != .heal { self.delaySync() }
      if sync.reason == .join { self.joinBrokeOff() }
    }
  }

  mutating func scheduleExchanges() {
    self.exchangesDue = .never
    for exchange in self.exchanges { self.exchangesDue = min(self.exchangesDue, exchange.deadline) }
  }
}
