// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// A snapshot on its way from one member to another.
struct SnapshotTransfer: Sendable {
  /// Counted over all transfers of a run.
  var number: Int
  var receiver: RaftID
  var sending: SnapshotSending
  var image: SimulatedDisk.SnapshotImage
  /// What the receiver's core is shown when it has all bytes.
  var message: Message
  /// When its timer fires next.
  var timerAt = Nanoseconds.max
}

/// What sender and receiver of a snapshot say to each other.
enum SnapshotWord: Sendable {
  case offer(SnapshotIdentity, Message)
  /// Begin at this offset.
  case resume(at: Int)
  case piece(SnapshotIdentity, offset: Int, bytes: ArraySlice<UInt8>, Message)
  /// Everything before this offset is stored.
  case stored(through: Int)

  /// Tells words apart in a trace's hash.
  var traceDigest: UInt64 {
    switch self {
    case .offer(let identity, _): 1 << 60 ^ UInt64(identity.checksum)
    case .resume(let offset): 2 << 60 ^ UInt64(offset)
    case .piece(_, let offset, let bytes, _): 3 << 60 ^ UInt64(offset) << 20 ^ UInt64(bytes.count)
    case .stored(let offset): 4 << 60 ^ UInt64(offset)
    }
  }
}

/// Snapshots go in pieces over a connection that may break, as ``SnapshotSending`` and ``SnapshotReceiving`` decide.
extension RaftWorld {
  mutating func sendSnapshot(from slot: Int, to id: RaftID) {
    guard let image = self.members[slot].newestSnapshot, self.slot(of: id) != nil else {
      return self.snapshotEnded(to: id, from: slot, at: nil)
    }
    self.oracle.saw(.snapshotSent)
    self.lastTransfer += 1
    let message = Message(
      from: self.members[slot].id,
      to: id,
      term: self.members[slot].core.currentTerm,
      body: .installSnapshot(image.metadata)
    )
    let identity = SnapshotIdentity(
      position: image.metadata.position,
      length: image.bytes.count,
      checksum: CRC32C.checksum(image.bytes[...])
    )
    let sending = SnapshotSending(identity, policy: self.knobs.snapshotPolicy, now: self.clock(slot))
    self.members[slot].transfers.removeAll { $0.receiver == id }
    self.members[slot].transfers.append(
      SnapshotTransfer(number: self.lastTransfer, receiver: id, sending: sending, image: image, message: message)
    )
    self.say(.offer(identity, message), from: slot, to: id, transfer: self.lastTransfer)
    self.sendPieces(of: self.lastTransfer, from: slot)
  }

  // MARK: - The connection

  private mutating func say(_ word: SnapshotWord, from slot: Int, to id: RaftID, transfer: Int) {
    guard let receiver = self.slot(of: id) else { return }
    let link = self.link(slot, receiver)
    guard !self.isCut(slot, receiver), !self.chance.network.perMille(self.knobs.network.lossPerMille) else {
      return self.connectionBreaks(transfer)
    }
    let arrival = max(self.now + self.delay(), self.lastArrival[link] + 1)
    self.lastArrival[link] = arrival
    self.events.add(.snapshotWord(word, from: slot, to: receiver, transfer: transfer), at: arrival)
  }

  /// What is on its way is lost; the sender dials again some time later.
  private mutating func connectionBreaks(_ transfer: Int) {
    self.oracle.saw(.snapshotStreamBroke)
    self.brokenTransfers.insert(transfer)
    let pause = self.knobs.electionTimeout / 4
    self.events.add(.snapshotRedial(transfer), at: self.now + pause)
  }

  mutating func redial(_ number: Int) {
    guard self.brokenTransfers.remove(number) != nil, let (slot, place) = self.place(of: number) else { return }
    let transfer = self.members[slot].transfers[place]
    self.members[slot].transfers[place].sending.interrupted(now: self.clock(slot))
    self.say(.offer(transfer.sending.identity, transfer.message), from: slot, to: transfer.receiver, transfer: number)
  }

  private func place(of number: Int) -> (slot: Int, place: Int)? {
    for slot in self.running {
      if let place = self.members[slot].transfers.firstIndex(where: { $0.number == number }) { return (slot, place) }
    }
    return nil
  }

  mutating func hear(_ word: SnapshotWord, from sender: Int, to slot: Int, transfer: Int) {
    self.hash.mix(word.traceDigest)
    guard !self.brokenTransfers.contains(transfer) else { return }
    guard !self.isCut(sender, slot), self.members[slot].isRunning(at: self.now) else {
      return self.connectionBreaks(transfer)
    }
    let id = self.members[sender].id
    switch word {
    case .offer(let identity, _):
      let start = self.members[slot].receiving.offered(identity)
      if start > 0 { self.oracle.saw(.snapshotResumed) }
      self.members[slot].unfinished.removeSubrange(start...)
      self.say(.resume(at: start), from: slot, to: id, transfer: transfer)
    case .piece(let identity, let offset, let bytes, let message):
      self.take(bytes, at: offset, of: identity, message, from: sender, to: slot, transfer: transfer)
    case .resume(let offset):
      guard let (slot, place) = self.place(of: transfer) else { return }
      let now = self.clock(slot)
      self.members[slot].transfers[place].sending.interrupted(now: now)
      self.members[slot].transfers[place].sending.resumed(at: offset, now: now)
      self.sendPieces(of: transfer, from: slot)
    case .stored(let offset):
      guard let (slot, place) = self.place(of: transfer) else { return }
      self.members[slot].transfers[place].sending.confirmed(through: offset, now: self.clock(slot))
      self.sendPieces(of: transfer, from: slot)
    }
  }

  // MARK: - The sender

  mutating func sendPieces(of number: Int, from slot: Int) {
    guard let place = self.members[slot].transfers.firstIndex(where: { $0.number == number }) else { return }
    let now = self.clock(slot)
    while let range = self.members[slot].transfers[place].sending.nextPiece(now: now) {
      let transfer = self.members[slot].transfers[place]
      let word = SnapshotWord.piece(
        transfer.sending.identity,
        offset: range.lowerBound,
        bytes: transfer.image.bytes[range],
        transfer.message
      )
      self.say(word, from: slot, to: transfer.receiver, transfer: number)
    }
    let transfer = self.members[slot].transfers[place]
    if let deadline = transfer.sending.nextDeadline {
      let time = max(self.now + 1, self.members[slot].clock.time(of: deadline))
      guard time < transfer.timerAt || transfer.timerAt <= self.now else { return }
      self.members[slot].transfers[place].timerAt = time
      return self.events.add(.snapshotTimer(slot, life: self.members[slot].life, transfer: number), at: time)
    }
    let isComplete = transfer.sending.state == .complete
    if !isComplete { self.oracle.saw(.snapshotTransferAbandoned) }
    self.members[slot].transfers.remove(at: place)
    self.snapshotEnded(to: transfer.receiver, from: slot, at: isComplete ? transfer.image.metadata.index : nil)
  }

  private mutating func snapshotEnded(to id: RaftID, from slot: Int, at index: LogIndex?) {
    if index == nil { self.oracle.saw(.snapshotSendFailed) }
    try? self.feed(slot) { core, now in
      core.snapshotSent(to: id, upTo: index ?? .zero, succeeded: index != nil, now: now)
    }
  }

  // MARK: - The receiver

  private mutating func take(
    _ bytes: ArraySlice<UInt8>,
    at offset: Int,
    of identity: SnapshotIdentity,
    _ message: Message,
    from sender: Int,
    to slot: Int,
    transfer: Int
  ) {
    let id = self.members[sender].id
    switch self.members[slot].receiving.pieceArrived(at: offset, count: bytes.count, of: identity) {
    case .store:
      self.members[slot].unfinished.append(contentsOf: bytes)
      self.say(.stored(through: self.members[slot].receiving.received), from: slot, to: id, transfer: transfer)
    case .storeLast:
      let file = self.members[slot].unfinished + bytes
      self.members[slot].unfinished = []
      self.members[slot].receiving.discard()
      self.say(.stored(through: identity.length), from: slot, to: id, transfer: transfer)
      self.snapshotArrived(file, identity, message, at: slot)
    case .confirm:
      self.say(.stored(through: self.members[slot].receiving.received), from: slot, to: id, transfer: transfer)
    case .reject:
      guard self.members[slot].receiving.identity == identity else { return }
      self.say(.resume(at: self.members[slot].receiving.received), from: slot, to: id, transfer: transfer)
    }
  }

  /// The whole file is there: it is verified and shown to the core.
  private mutating func snapshotArrived(_ file: [UInt8], _ identity: SnapshotIdentity, _ message: Message, at slot: Int) {
    guard file.count == identity.length, CRC32C.checksum(file[...]) == identity.checksum,
      let decoded = try? DecodedSnapshot(decoding: file, file: "received")
    else { return self.oracle.violate("R14: a snapshot came together from the wrong pieces at member \(message.to)") }
    self.note("\(message.from) → \(message.to)  \(message.body.summary) with its bytes")
    self.members[slot].offered = SimulatedDisk.SnapshotImage(file: file, of: decoded.metadata)
    let now = self.clock(slot)
    self.members[slot].core.receive(message, now: now)
    // What the core thinks of it shows in its next turn, before another one can come.
    self.members[slot].isTurnScheduled = false
    if self.members[slot].isInTurn == false { self.turn(slot) }
  }
}
