// SPDX-License-Identifier: Apache-2.0

internal import Gossip
internal import GossipNIO
internal import NIOCore

/// Feeds mutated packets and frames to a node, which must not trap, must stay within its limits, and must not learn anything from
/// what wasn't sealed with its key.
struct Fuzz {
  static let packets = 1_000_000

  private var speaker: GossipCore
  private var listener: GossipCore
  private var sender: Sealer
  private var receiver: Sealer
  private var state: UInt64
  private var packets: [[UInt8]] = []
  private var frames: [[UInt8]] = []
  private var coverage = FuzzCoverage()
  /// Streams that the listener opened lately: whoever answers there may say nonsense, too.
  private var opened: [StreamID] = []
  private var turn = 0
  private var broken = 0

  init(configuration: GossipConfiguration, seed: UInt64) throws {
    var configuration = configuration
    configuration.limits.members = 512
    configuration.limits.records = 512
    configuration.limits.broadcasts = 64
    self.state = seed
    self.listener = try Self.core(1, configuration, seed)
    self.speaker = try Self.core(2, configuration, seed + 1)
    let key = try GossipKey([UInt8](repeating: UInt8(truncatingIfNeeded: seed), count: 32))
    self.sender = try Sealer(key: key, label: configuration.label)
    self.receiver = try Sealer(key: key, label: configuration.label)
  }

  private static func core(_ number: UInt32, _ configuration: GossipConfiguration, _ seed: UInt64) throws -> GossipCore {
    try GossipCore(
      id: MemberID("fuzz\(number)"),
      epoch: 1,
      address: GossipAddress(ipv4: number, port: 1),
      configuration: configuration,
      seed: seed,
      now: .zero
    )
  }

  private mutating func number(below bound: Int) -> Int {
    self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((self.state >> 33) % UInt64(bound))
  }

  private var now: Duration { .milliseconds(self.turn) }

  mutating func run() throws -> Duration? {
    try self.collect()
    var resident = 0
    for turn in 0..<Self.packets {
      self.turn = 20_000 + turn
      switch self.number(below: 8) {
      case 0: self.sayFrames()
      case 1, 2, 3: try self.sayAfterSealing()
      default: try self.sayBeforeSealing()
      }
      if self.listener.nextDeadline <= self.now { self.listener.tick(now: self.now) }
      self.drain()
      if turn == Self.packets / 4 { resident = Memory.residentKibibytes }
    }
    let growth = Memory.residentKibibytes - resident
    print("\(self.coverage); \(self.broken) broken seals refused; memory grew by \(growth) KiB over the last three quarters")
    return self.listener.own.status == .alive && self.listener.allMembers.count <= 512 && growth < 16 << 10 ? .zero : nil
  }

  private mutating func drain() {
    let ready = self.listener.takeReady()
    for event in ready.events { self.coverage.note(event) }
    for case .open(let id, to: _) in ready.streams { self.opened.append(id) }
    if self.opened.count > 64 { self.opened.removeFirst(self.opened.count - 64) }
    self.listener.recycle(ready)
  }

  // MARK: - What is said

  /// Who has the key says nonsense.
  private mutating func sayBeforeSealing() throws {
    let packet = self.mutated(self.packets[self.number(below: self.packets.count)], kinds: 1...6)
    var buffer = ByteBuffer()
    try self.sender.sealPacket(packet[...], into: &buffer)
    self.coverage.sealedLength = max(self.coverage.sealedLength, buffer.readableBytes)
    do throws(GossipError) {
      let opened = try self.receiver.openPacket(buffer)
      try self.listener.receive(packet: opened[...], from: GossipAddress(ipv4: 2, port: 1), now: self.now)
      self.coverage.note(packet: packet)
    } catch {
      self.coverage.note(error)
    }
  }

  /// Somebody on the way changes something: whatever it is, nothing is taken.
  private mutating func sayAfterSealing() throws {
    var buffer = ByteBuffer()
    try self.sender.sealPacket(self.packets[self.number(below: self.packets.count)][...], into: &buffer)
    let sealed = Array(buffer: buffer)
    var changed = sealed
    for _ in 0...self.number(below: 3) { changed[self.number(below: changed.count)] = UInt8(self.number(below: 256)) }
    if self.number(below: 4) == 0 { changed.removeLast(self.number(below: changed.count)) }
    guard changed != sealed else { return }
    let knowledge = (self.listener.agreement, self.listener.statistics)
    do throws(GossipError) {
      let opened = try self.receiver.openPacket(ByteBuffer(bytes: changed))
      try self.listener.receive(packet: opened[...], from: GossipAddress(ipv4: 2, port: 1), now: self.now)
      preconditionFailure("a broken seal was opened: \(changed)")
    } catch {
      self.coverage.note(error)
      self.broken += 1
    }
    guard knowledge == (self.listener.agreement, self.listener.statistics) else {
      preconditionFailure("a broken seal changed something: \(changed)")
    }
  }

  /// A stream with a few frames; each was opened with a valid key.
  private mutating func sayFrames() {
    var stream = self.opened.popLast()
    if self.number(below: 2) == 0 { stream = self.listener.acceptStream(from: GossipAddress(ipv4: 2, port: 1), now: self.now) }
    guard let stream else { return }
    // Frames on a stream that is over are passed over unread.
    let open = self.listener.openExchanges
    for _ in 0...self.number(below: 4) where self.listener.openExchanges == open {
      var frame = self.frames[self.number(below: self.frames.count)]
      switch self.number(below: 4) {
      case 0: frame = self.mutated(frame, kinds: 65...69)
      case 1: frame[1] = UInt8(65 + self.number(below: 5))
      default: break
      }
      do throws(GossipError) {
        try self.listener.receive(frame: frame[...], on: stream, now: self.now)
        self.coverage.note(packet: frame)
      } catch {
        self.coverage.note(error)
      }
    }
    self.drain()
    self.listener.streamClosed(stream, now: self.now)
  }

  private mutating func mutated(_ original: [UInt8], kinds: ClosedRange<Int>) -> [UInt8] {
    var bytes = original
    // The first six bytes are version, kind and label; what differs there is refused at once, so that is rarely tried.
    let start = self.number(below: 16) == 0 ? 0 : 6
    for _ in 0...self.number(below: 4) {
      bytes[start + self.number(below: bytes.count - start)] = UInt8(self.number(below: 256))
    }
    if self.number(below: 8) == 0 { bytes[1] = UInt8(kinds.lowerBound + self.number(below: kinds.count)) }
    if self.number(below: 4) == 0 { bytes.removeLast(self.number(below: bytes.count)) }
    return bytes
  }

  // MARK: - What is mutated

  /// Packets and frames with every kind of rumour, as a node writes them.
  private mutating func collect() throws {
    try self.introduce()
    // One of IPv6, a byte away from an IPv4 address in disguise.
    var other = try GossipCore(
      id: MemberID("fuzz6"),
      epoch: 1,
      address: GossipAddress(ipv6: (0, 0xFF7F_0000_0001), port: 1),
      seed: 1,
      now: .zero
    )
    other.join([GossipAddress(ipv4: 2, port: 1)], now: .zero)
    if let stream = self.speaker.acceptStream(from: other.own.address, now: .zero) {
      for case .send(_, let frame) in other.takeReady().streams {
        self.frames.append(frame)
        try self.speaker.receive(frame: frame[...], on: stream, now: .zero)
      }
    }
    for turn in 1...200 {
      let now = Duration.milliseconds(100 * turn)
      let bytes = (0..<8).map { _ in UInt8(self.number(below: 256)) }
      switch turn % 4 {
      case 0: try self.speaker.setMetadata(bytes, now: now)
      case 1: try self.speaker.publish(key: [bytes[0]], value: bytes, now: now)
      case 2: try self.speaker.broadcast(bytes, name: [bytes[1]], now: now)
      default: self.speaker.withdraw(key: [bytes[0]], now: now)
      }
      self.speaker.tick(now: now)
      self.take(self.speaker.takeReady())
      if turn == 150 { self.speaker.leave(now: now) }
      if turn > 150 { break }
    }
    self.speaker = try Self.core(2, self.speaker.configuration, self.state)
    try self.introduce()
  }

  private mutating func take(_ ready: consuming GossipReady) {
    for packet in ready.packets { self.packets.append(Array(ready.bytes[packet.range])) }
    for case .send(_, let frame) in ready.streams { self.frames.append(frame) }
  }

  /// The two make their tables equal, and every frame of it is kept.
  private mutating func introduce() throws {
    self.listener.join([GossipAddress(ipv4: 2, port: 1)], now: .zero)
    guard let stream = self.speaker.acceptStream(from: GossipAddress(ipv4: 1, port: 1), now: .zero) else { return }
    var opened: StreamID?
    for _ in 0..<8 {
      let ready = self.listener.takeReady()
      for action in ready.streams {
        if case .open(let id, to: _) = action { opened = id }
        if case .send(_, let frame) = action {
          self.frames.append(frame)
          try? self.speaker.receive(frame: frame[...], on: stream, now: .zero)
        }
      }
      let answers = self.speaker.takeReady()
      for case .send(_, let frame) in answers.streams {
        if let opened { try? self.listener.receive(frame: frame[...], on: opened, now: .zero) }
      }
      self.take(answers)
    }
  }
}
