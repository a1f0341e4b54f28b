// SPDX-License-Identifier: Apache-2.0

internal import DequeModule
internal import Raft

/// What is decided reaches the state machines.
extension RaftWorld {
  mutating func replaceAll(by snapshot: SnapshotMetadata, _ slot: Int) {
    self.members[slot].queue = [.restore(snapshot)]
    self.members[slot].rangeRead = nil
  }

  /// Applies what can be applied without waiting.
  mutating func applyQueued(_ slot: Int) {
    while let item = self.members[slot].queue.first, self.members[slot].rangeRead == nil, !self.members[slot].isApplying {
      if case .range(let range) = item {
        self.oracle.saw(.decidedEntriesReadFromDisk)
        let id = self.members[slot].nextRead()
        self.members[slot].rangeRead = id
        let limit = self.knobs.configuration.limits.applyingBytes
        return self.queue(.read(id, range, maximumBytes: limit), by: slot)
      }
      guard self.knobs.machineDelay == 0, self.members[slot].machineStalledUntil <= self.now else {
        return self.waitForMachine(slot)
      }
      self.applyFirst(slot)
      guard self.oracle.violation == nil else { return }
    }
    self.takeSnapshotIfDue(slot)
  }

  mutating func waitForMachine(_ slot: Int) {
    self.members[slot].isApplying = true
    self.members[slot].machineTicket += 1
    let ticket = self.members[slot].machineTicket
    let end = max(self.now, self.members[slot].machineStalledUntil) + self.knobs.machineDelay
    self.events.add(.machine(slot, life: self.members[slot].life, ticket: ticket), at: end)
  }

  /// The state machine took in what it was given.
  mutating func machineIsDone(_ slot: Int) {
    self.members[slot].isApplying = false
    self.applyFirst(slot)
    self.applyQueued(slot)
    self.scheduleTurn(slot)
  }

  private mutating func applyFirst(_ slot: Int) {
    guard let item = self.members[slot].queue.popFirst() else { return }
    switch item {
    case .entries(let entries): self.apply(entries, by: slot)
    case .restore(let snapshot): self.restore(snapshot, by: slot)
    case .range: preconditionFailure("a range is read before it is applied")
    }
  }

  /// Decided entries came from the log on disk.
  mutating func rangeIsRead(_ result: Result<[Entry], RaftError>, by slot: Int) {
    self.members[slot].rangeRead = nil
    guard case .range(let range)? = self.members[slot].queue.first else { return }
    // The log lets go of decided entries only for a snapshot that is about to be restored.
    guard case .success(let entries) = result, let last = entries.last?.index else { return }
    self.members[slot].queue.removeFirst()
    if last < range.upperBound { self.members[slot].queue.prepend(.range(last.next...range.upperBound)) }
    self.members[slot].queue.prepend(.entries(entries))
    self.applyQueued(slot)
  }

  private mutating func apply(_ entries: [Entry], by slot: Int) {
    let id = self.members[slot].id
    var bytes = 0
    for entry in entries {
      guard entry.index == self.members[slot].applied.next else {
        let applied = self.members[slot].applied
        return self.oracle.violate("R17: member \(id) is to apply \(entry.index) after \(applied)")
      }
      var outcome: KeyValueMachine.Outcome?
      if !self.members[slot].isWitness, entry.kind == .command, let command = KeyValueCommand(entry.payload) {
        outcome = self.members[slot].machine.apply(command, at: entry.index)
        switch outcome {
        case .repeated, .forgotten: self.oracle.saw(.retrySuppressed)
        case .done, .expired, nil: break
        }
      }
      self.members[slot].applied = entry.index
      bytes += entry.encoded.count
      self.oracle.applied(entry, state: self.members[slot].stateDigest, by: id)
      if entry.kind == .configuration { self.configurationDecided(entry) }
      self.answer(entry, outcome, by: slot)
    }
    self.members[slot].appliedSinceSnapshot += entries.count
    self.advance(slot)
    if bytes * 4 > self.knobs.configuration.limits.applyingBytes { self.scheduleLaterTurn(slot) }
  }

  private mutating func restore(_ snapshot: SnapshotMetadata, by slot: Int) {
    let id = self.members[slot].id
    self.members[slot].received.removeAll { $0.metadata.index < snapshot.index }
    guard let image = self.members[slot].received.first, image.metadata.position == snapshot.position,
      let decoded = try? DecodedSnapshot(decoding: image.bytes, file: "snapshot")
    else { return self.oracle.violate("R14: the snapshot at \(snapshot.position) isn't there for member \(id)") }
    if !self.members[slot].isWitness { self.members[slot].machine = KeyValueMachine(decoded.payload) }
    self.oracle.check(decoded.metadata, state: self.members[slot].stateDigest, of: id)
    self.members[slot].received.removeFirst()
    self.members[slot].applied = snapshot.index
    self.members[slot].newestSnapshot = image
    self.members[slot].appliedSinceSnapshot = 0
    self.note("member \(id) restores the snapshot at \(snapshot.position)")
    self.advance(slot)
    self.scheduleLaterTurn(slot)
  }

  private mutating func advance(_ slot: Int) {
    self.members[slot].core.applied(upTo: self.members[slot].applied)
    self.answerReads(slot)
  }

  // MARK: - Snapshots

  private mutating func takeSnapshotIfDue(_ slot: Int) {
    guard self.knobs.snapshotEvery > 0, self.members[slot].appliedSinceSnapshot >= self.knobs.snapshotEvery else { return }
    self.takeSnapshot(slot)
  }

  mutating func takeSnapshot(_ slot: Int) {
    let member = self.members[slot]
    guard !member.isWritingSnapshot, member.isRunning(at: self.now),
      member.applied > member.newestSnapshot?.metadata.index ?? .zero,
      let metadata = try? member.core.snapshotMetadata(at: member.applied)
    else { return }
    self.oracle.check(metadata, state: member.stateDigest, of: member.id)
    self.members[slot].isWritingSnapshot = true
    self.members[slot].appliedSinceSnapshot = 0
    let image = SimulatedDisk.SnapshotImage(metadata, payload: member.isWitness ? [] : member.machine.encoded)
    self.events.add(.snapshotWritten(slot, life: member.life, image), at: self.now + self.knobs.diskDelay * 4)
  }

  mutating func snapshotIsWritten(_ image: SimulatedDisk.SnapshotImage, by slot: Int) {
    self.members[slot].isWritingSnapshot = false
    guard self.members[slot].diskFullUntil <= self.now else { return self.oracle.saw(.snapshotWithoutRoom) }
    // One that was installed meanwhile is newer.
    guard image.metadata.index > self.members[slot].newestSnapshot?.metadata.index ?? .zero else { return }
    self.oracle.saw(.snapshotTaken)
    self.members[slot].storage.disk.publish(image)
    self.members[slot].newestSnapshot = image
    self.members[slot].core.compacted(image.metadata)
    let first = self.members[slot].core.firstIndex
    self.queue(.compact(through: first.previous), by: slot)
    self.scheduleTurn(slot)
  }
}
