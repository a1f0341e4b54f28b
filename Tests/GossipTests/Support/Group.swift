// SPDX-License-Identifier: Apache-2.0

import Gossip

/// A few cores wired together by hand: what one says the others hear at once, unless a test says otherwise.
struct Group {
  var cores: [GossipCore] = []
  var now = Duration.zero
  var events: [[GossipEvent]] = []
  /// Datagrams that a test wants to lose, by sender and receiver.
  var isLost: (Int, Int) -> Bool = { _, _ in false }
  private var streams: [(client: Int, clientID: StreamID, server: Int, serverID: StreamID?)] = []

  init(_ count: Int, configuration: GossipConfiguration = .default) throws {
    for number in 0..<count {
      self.cores.append(
        try GossipCore(
          id: try MemberID("n\(number)"),
          epoch: 1,
          address: Self.address(number),
          configuration: configuration,
          seed: UInt64(number) + 7,
          now: .zero
        )
      )
      self.events.append([])
    }
  }

  static func address(_ number: Int) -> GossipAddress { GossipAddress(ipv4: 0x7F00_0001 + UInt32(number), port: 7946) }

  static func number(_ address: GossipAddress) -> Int { Int(address.ipv4 ?? 0) - 0x7F00_0001 }

  /// Joins everybody to the first.
  mutating func join() {
    for number in self.cores.indices.dropFirst() { self.cores[number].join([Self.address(0)], now: self.now) }
    self.settle()
  }

  /// Carries out everything that there is to do at this moment.
  mutating func settle() {
    var isBusy = true
    while isBusy {
      isBusy = false
      for number in self.cores.indices where self.cores[number].hasReady {
        isBusy = true
        self.carryOut(number)
      }
    }
  }

  /// Carries out one batch of each.
  mutating func step() {
    for number in self.cores.indices where self.cores[number].hasReady { self.carryOut(number) }
  }

  private mutating func carryOut(_ number: Int) {
    let ready = self.cores[number].takeReady()
    self.events[number] += ready.events
    for packet in ready.packets {
      let receiver = Self.number(packet.receiver)
      guard self.cores.indices.contains(receiver), !self.isLost(number, receiver) else { continue }
      try? self.cores[receiver].receive(packet: ready.bytes[packet.range], from: Self.address(number), now: self.now)
    }
    for action in ready.streams { self.carryOut(action, number) }
    self.cores[number].recycle(ready)
  }

  private mutating func carryOut(_ action: StreamAction, _ number: Int) {
    switch action {
    case .open(let id, let address):
      let server = Self.number(address)
      guard self.cores.indices.contains(server), !self.isLost(number, server), !self.isLost(server, number) else {
        self.cores[number].streamClosed(id, now: self.now)
        return
      }
      let accepted = self.cores[server].acceptStream(from: Self.address(number), now: self.now)
      self.streams.append((number, id, server, accepted))
      if accepted == nil { self.cores[number].streamClosed(id, now: self.now) }
    case .send(let id, let frame):
      guard let (other, otherID) = self.otherEnd(number, id) else { return }
      try? self.cores[other].receive(frame: frame[...], on: otherID, now: self.now)
    case .close(let id):
      guard let (other, otherID) = self.otherEnd(number, id) else { return }
      self.streams.removeAll { ($0.client == number && $0.clientID == id) || ($0.server == number && $0.serverID == id) }
      self.cores[other].streamClosed(otherID, now: self.now)
    }
  }

  private func otherEnd(_ number: Int, _ id: StreamID) -> (Int, StreamID)? {
    for stream in self.streams {
      if stream.client == number, stream.clientID == id, let serverID = stream.serverID { return (stream.server, serverID) }
      if stream.server == number, stream.serverID == id { return (stream.client, stream.clientID) }
    }
    return nil
  }

  /// Goes on for some time, timer by timer.
  mutating func run(for duration: Duration, frozen: Set<Int> = []) {
    let end = self.now + duration
    while true {
      let running = self.cores.indices.filter { !frozen.contains($0) }
      guard let next = running.map({ self.cores[$0].nextDeadline }).min(), next <= end else { break }
      self.now = max(self.now, next)
      for number in running where self.cores[number].nextDeadline <= self.now { self.cores[number].tick(now: self.now) }
      self.settle()
    }
    self.now = end
  }

  func kinds(_ number: Int) -> [String] { self.events[number].map { String(describing: $0).prefix { $0 != "(" }.description } }
}
