// SPDX-License-Identifier: Apache-2.0

extension GossipCore {
  /// Whether this side has begun an exchange to repair or join that isn't over.
  ///
  /// One that tries to heal may wait long for somebody who isn't there, and keeps nobody from the others.
  var isSynchronising: Bool { self.hasSync { $0 != .heal } }

  func hasSync(_ matches: (Sync.Reason) -> Bool) -> Bool {
    self.exchanges.contains { exchange in
      if case .sync(let sync) = exchange.purpose { matches(sync.reason) } else { false }
    }
  }

  mutating func beginSync(with peer: GossipAddress, purpose reason: Sync.Reason) {
    self.counters.exchanges += 1
    // A peer that doesn't answer at all is given up sooner than one that is slow.
    let timeout = min(self.configuration.probing.interval * 2, self.configuration.synchronising.timeout)
    let id = self.begin(.sync(Sync(reason: reason)), with: peer, deadline: self.now + timeout)
    self.streams.append(.open(id, to: peer))
    self.sendDigests(on: id)
  }

  private mutating func sendDigests(on stream: StreamID) {
    let body = Frame.Body.digests(members: self.members.bucketDigests(), records: self.table.bucketDigests())
    self.sendFrame(body, [self.members[self.members.own].claim], on: stream)
  }

  private mutating func compareBuckets(_ sync: inout Sync, _ frame: Frame) {
    guard case .digests(let members, let records) = frame.body else { return }
    sync.members = Sync.differences(self.members.bucketDigests(), members)
    sync.records = Sync.differences(self.table.bucketDigests(), records)
  }

  /// The other side began: it gets the own digests and the first part.
  mutating func answerSync(_ place: Int, _ frame: Frame) {
    let stream = self.exchanges[place].id
    var sync = Sync(reason: .repair, step: .sending)
    // The digests are those of this moment, with what came with the request; so the differences are found after sending them.
    self.sendDigests(on: stream)
    self.compareBuckets(&sync, frame)
    self.sendPart(&sync, on: stream)
    self.exchanges[place].purpose = .incoming(sync)
  }

  /// The next frame of a synchronisation.
  mutating func proceed(_ place: Int, _ sync: Sync, _ frame: Frame, isInitiator: Bool) throws(GossipError) {
    let stream = self.exchanges[place].id
    let peer = self.exchanges[place].peer
    var sync = sync
    switch (frame.body, sync.step) {
    case (.digests, .comparing):
      self.compareBuckets(&sync, frame)
      self.take(frame.rumours, from: frame.header.sender)
      sync.step = .receiving
    case (.part, .sending) where !isInitiator && sync.hasSentLast:
      // Everything was told; now the other side's turn has come.
      sync.step = .receiving
      self.merge(frame, &sync)
      self.sendFrame(.next, on: stream)
    case (.part(let isLast), .receiving):
      self.merge(frame, &sync)
      if !isLast || !isInitiator { self.sendFrame(.next, on: stream) }
      if isLast, isInitiator {
        sync.step = .sending
        self.sendPart(&sync, on: stream)
      }
    case (.next, .sending):
      if !sync.hasSentLast {
        self.sendPart(&sync, on: stream)
      } else if isInitiator {
        self.complete(sync, with: peer)
        self.close(stream)
        return
      }
    default:
      self.refuse(stream)
      throw GossipError(.unexpected, "a frame of a synchronisation comes at the wrong time")
    }
    self.exchanges[place].purpose = isInitiator ? .sync(sync) : .incoming(sync)
  }

  private func hasMore(_ sync: Sync) -> Bool {
    Int(sync.nextMember) < self.members.records.count || sync.nextRecord < self.table.slotEnd
  }

  private mutating func merge(_ frame: Frame, _ sync: inout Sync) {
    for claim in frame.rumours.claims {
      self.take(claim, from: frame.header.sender, isHistory: true)
      if self.holdsExactly(claim) { sync.told.insert(claim.id.fingerprint) }
    }
    for record in frame.rumours.records {
      self.take(record, isHistory: true)
      if let slot = self.table.slot(owner: record.owner, key: record.key), self.table[slot].version == record.version {
        sync.told.insert(self.table[slot].fingerprint)
      }
    }
  }

  /// Whether the other side's words are what is known here, too, so that there is nothing to tell it.
  private func holdsExactly(_ claim: Claim) -> Bool {
    guard let slot = self.members.slot(of: claim.id.fingerprint) else { return false }
    let own = self.members[slot].claim
    return own.kind == claim.kind && own.epoch == claim.epoch && own.incarnation == claim.incarnation
  }

  /// Sends what fits into one frame of what differs and wasn't told by the other side.
  private mutating func sendPart(_ sync: inout Sync, on stream: StreamID) {
    var frame = WireWriter()
    var header = self.header
    let limit = self.configuration.synchronising.chunkBytes
    // The flag is known only at the end.
    header.kind = Frame.Body.part(isLast: false).kind
    frame.header(header)
    let flag = frame.bytes.count
    frame.body(Frame.Body.part(isLast: true))
    while Int(sync.nextMember) < self.members.records.count, frame.bytes.count < limit {
      let record = self.members[sync.nextMember]
      sync.nextMember += 1
      guard record.status != nil, sync.members[MemberTable.bucket(of: record.card.fingerprint)] else { continue }
      if !sync.told.contains(record.card.fingerprint) { frame.claim(record.claim) }
    }
    while sync.nextRecord < self.table.slotEnd, frame.bytes.count < limit {
      let record = self.table[sync.nextRecord]
      sync.nextRecord += 1
      guard !record.isVacant, !sync.records.isEmpty, sync.records[GossipTable.bucket(of: record.fingerprint)] else { continue }
      if !sync.told.contains(record.fingerprint) { frame.record(record.claim) }
    }
    sync.hasSentLast = !self.hasMore(sync)
    if !sync.hasSentLast { frame.bytes[flag] = 0 }
    self.streams.append(.send(stream, frame: frame.bytes))
  }

  /// While many come, everybody differs much from everybody however often they compare: rumours tell of those who come, and exchanges, each of
  /// which is a stream, become rarer until two digests are equal again.
  mutating func delaySync() {
    let knobs = self.configuration.synchronising
    self.lastSync = self.now
    self.syncPause = min(self.syncPause * 2, max(knobs.interval, knobs.longestInterval))
  }

  private mutating func complete(_ sync: Sync, with peer: GossipAddress) {
    self.delaySync()
    self.differsSince = nil
    if sync.reason == .join { self.joinCompleted(through: peer) }
  }
}
