// SPDX-License-Identifier: Apache-2.0

internal import BenchmarkKit
internal import Raft
internal import RaftNIO

/// All members stepped by one thread, with storage that is done at once: what the protocol itself costs.
struct CoreLoop {
  private struct InFlight {
    var last: LogIndex
    var count: Int
    var began: Duration
  }

  private let clock = ContinuousClock()
  private let origin: ContinuousClock.Instant
  private let window: Int
  private let payloadLength: Int
  private let payload: ArraySlice<UInt8>
  private var cores: [RaftCore] = []
  private var inboxes: [[Message]]
  private var now: Duration = .zero
  /// The members' time is this much ahead of the clock, since elections were made to happen.
  private var clockShift: Duration = .zero
  private var nextTick: Duration = .zero
  private var inFlight: [InFlight] = []
  private var free: Int
  private var payloads: [ArraySlice<UInt8>] = []

  private var latencies = LatencyHistogram()
  private var completed = 0
  private var bytes = 0
  private var writes = 0

  init(members: Int, window: Int, payload: Int, seed: UInt64) throws(RaftError) {
    self.origin = self.clock.now
    self.window = window
    self.free = window
    self.payloadLength = payload
    self.payload = [UInt8](repeating: 7, count: payload)[...]
    self.inboxes = Array(repeating: [], count: members)
    let bootstrap = try Bootstrap(contexts: Array(repeating: [], count: members))
    for id in 1...UInt64(members) {
      let restored = try RestoredState(hardState: bootstrap.hardState, entries: bootstrap.entries)
      self.cores.append(try RaftCore(id: RaftID(id), restored: restored, seed: seed &* 31 &+ id, now: .zero))
    }
  }

  mutating func measure(seconds: Double) throws(RaftError) -> Row {
    self.elect()
    try self.run(for: .seconds(seconds / 4))
    self.latencies = LatencyHistogram()
    (self.completed, self.bytes, self.writes) = (0, 0, 0)
    let cpu = CPUTime.now
    let began = self.clock.now
    try self.run(for: .seconds(seconds))
    return Row(
      mode: "core",
      storage: "memory",
      concurrency: self.window,
      payload: self.payloadLength,
      operations: self.completed,
      elapsed: self.clock.now - began,
      cpu: CPUTime.now - cpu,
      latencies: self.latencies,
      bytes: self.bytes,
      batches: self.writes
    )
  }

  /// Only the first member's time passes, until it leads.
  private mutating func elect() {
    while self.cores[0].role != .leader {
      self.now += .milliseconds(2000)
      self.cores[0].tick(now: self.now)
      for _ in 0..<10 { self.turn() }
    }
  }

  private mutating func run(for duration: Duration) throws(RaftError) {
    self.clockShift = self.now - self.origin.duration(to: self.clock.now)
    let end = self.now + duration
    while self.now < end {
      self.now = self.origin.duration(to: self.clock.now) + self.clockShift
      self.tick()
      try self.propose()
      self.turn()
    }
  }

  /// Looks at the time every now and then, as a timer would.
  private mutating func tick() {
    guard self.now >= self.nextTick else { return }
    self.nextTick = self.now + .milliseconds(5)
    for position in self.cores.indices where self.cores[position].nextDeadline <= self.now {
      self.cores[position].tick(now: self.now)
    }
  }

  private mutating func propose() throws(RaftError) {
    guard self.free > 0 else { return }
    self.payloads.removeAll(keepingCapacity: true)
    for _ in 0..<self.free { self.payloads.append(self.payload) }
    let range = try self.cores[0].propose(self.payloads, now: self.now)
    self.inFlight.append(InFlight(last: range.upperBound, count: self.free, began: self.now))
    self.free = 0
  }

  /// Every member does what there is to do, then gets its messages.
  private mutating func turn() {
    for position in self.cores.indices {
      while self.step(position) {}
    }
    for position in self.cores.indices {
      var inbox: [Message] = []
      swap(&inbox, &self.inboxes[position])
      for message in inbox { self.cores[position].receive(message, now: self.now) }
      // The emptied buffer is used again.
      inbox.removeAll(keepingCapacity: true)
      if self.inboxes[position].isEmpty { swap(&inbox, &self.inboxes[position]) }
    }
  }

  private mutating func step(_ position: Int) -> Bool {
    let ready = self.cores[position].takeReady()
    for message in ready.messages { self.inboxes[Int(message.to.rawValue) - 1].append(message) }
    if let write = ready.write {
      self.bytes += write.entries.encodedLength
      if position == 0, !write.entries.isEmpty { self.writes += 1 }
      self.cores[position].storageCompleted(write.id, now: self.now)
    }
    if let last = ready.committed.last {
      self.cores[position].applied(upTo: last.index)
      if position == 0 { self.completed(through: last.index, ready.committed.count) }
    }
    return ready.write != nil || !ready.committed.isEmpty
  }

  private mutating func completed(through index: LogIndex, _ count: Int) {
    self.completed += count
    let time = self.origin.duration(to: self.clock.now) + self.clockShift
    while let first = self.inFlight.first, first.last <= index {
      self.inFlight.removeFirst()
      self.latencies.add(time - first.began, times: first.count)
      self.free += first.count
    }
  }
}
