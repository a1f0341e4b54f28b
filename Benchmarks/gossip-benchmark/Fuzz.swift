// SPDX-License-Identifier: Apache-2.0

internal import Gossip

/// Feeds mutated packets to a node, which must not trap and must stay within its limits.
struct Fuzz {
  private static let packets = 1_000_000
  private var speaker: GossipCore
  private var listener: GossipCore
  private var state: UInt64
  private var corpus: [[UInt8]] = []
  private var taken = 0
  private var refused = 0

  init(configuration: GossipConfiguration, seed: UInt64) throws {
    var configuration = configuration
    configuration.limits.members = 512
    configuration.limits.records = 512
    configuration.limits.broadcasts = 64
    self.state = seed
    self.listener = try Self.core(1, configuration, seed)
    self.speaker = try Self.core(2, configuration, seed + 1)
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

  mutating func run() throws -> Duration? {
    try self.collect()
    let address = GossipAddress(ipv4: 2, port: 1)
    for turn in 0..<Self.packets {
      var packet = self.corpus[self.number(below: self.corpus.count)]
      // The first six bytes are version, kind and label; what differs there is refused at once, so that is rarely tried.
      let start = self.number(below: 16) == 0 ? 0 : 6
      for _ in 0...self.number(below: 4) {
        packet[start + self.number(below: packet.count - start)] = UInt8(self.number(below: 256))
      }
      if self.number(below: 8) == 0 { packet[1] = UInt8(1 + self.number(below: 6)) }
      if self.number(below: 4) == 0 { packet.removeLast(self.number(below: packet.count)) }
      do {
        try self.listener.receive(packet: packet[...], from: address, now: .milliseconds(turn))
        self.taken += 1
      } catch {
        self.refused += 1
      }
      if self.listener.nextDeadline <= .milliseconds(turn) { self.listener.tick(now: .milliseconds(turn)) }
      self.listener.recycle(self.listener.takeReady())
    }
    guard self.listener.own.status == .alive, self.listener.allMembers.count <= 512 else { return nil }
    print("fuzz: \(self.taken) taken, \(self.refused) refused, \(self.listener.allMembers.count) members")
    return .zero
  }

  /// Packets with every kind of rumour, as a node writes them.
  private mutating func collect() throws {
    try self.introduce()
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
      let ready = self.speaker.takeReady()
      for packet in ready.packets { self.corpus.append(Array(ready.bytes[packet.range])) }
      self.speaker.recycle(ready)
    }
  }

  /// The listener begins to join, so that the speaker knows somebody to talk to.
  private mutating func introduce() throws {
    self.listener.join([GossipAddress(ipv4: 2, port: 1)], now: .zero)
    let ready = self.listener.takeReady()
    guard let stream = self.speaker.acceptStream(from: GossipAddress(ipv4: 1, port: 1), now: .zero) else { return }
    for case .send(_, let frame) in ready.streams {
      try self.speaker.receive(frame: frame[...], on: stream, now: .zero)
    }
    self.listener.recycle(ready)
  }
}
