// SPDX-License-Identifier: Apache-2.0

internal import BenchmarkKit
internal import Gossip
internal import GossipNIO
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Nodes with sockets on loopback, all on one event loop of this process.
struct Loopback {
  let nodes: Int
  let loss: Double
  let seconds: Int
  let trials: Int
  let isSealed: Bool
  let configuration: GossipConfiguration

  /// Until everybody knew everybody.
  private(set) var joinTime = Duration.zero
  private(set) var kibibytesPerNode = 0
  /// Processor time in the quiet time alone.
  private(set) var cpu = Duration.zero

  init(nodes: Int, loss: Double, seconds: Int, trials: Int, isSealed: Bool, configuration: GossipConfiguration) {
    self.nodes = nodes
    self.loss = loss
    self.seconds = seconds
    self.trials = trials
    self.isSealed = isSealed
    self.configuration = configuration
  }

  /// All join the first one at once; then nothing happens for some seconds; then some fall silent, one after the other.
  mutating func run() async throws -> Row {
    let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let verdicts = Verdicts()
    let before = Memory.residentKibibytes
    let start = ContinuousClock.now
    var row = Row()
    var times: [Duration] = []
    let nodes = try await self.makeNodes(loop, verdicts)
    defer { verdicts.silence(nil) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for node in nodes { group.addTask { try await node.run() } }
      let seed = try await nodes[0].address()
      for (number, node) in nodes.enumerated() {
        let events = node.events
        group.addTask { for await event in events { verdicts.note(event, by: number) } }
        if number > 0 { group.addTask { _ = try await node.join([seed]) } }
      }
      for node in nodes { try await Self.wait { try await node.members().count == self.nodes } }
      self.joinTime = ContinuousClock.now - start
      try await Task.sleep(for: .seconds(5))
      self.kibibytesPerNode = (Memory.residentKibibytes - before) / self.nodes
      try await self.rest(nodes, &row)
      row.falseDeaths = verdicts.count
      for trial in 0..<self.trials {
        if let time = try await self.silence(self.nodes - 1 - trial, verdicts) { times.append(time) } else { row.incomplete += 1 }
        row.trials += 1
      }
      for node in nodes { await node.stop() }
      try await group.waitForAll()
    }
    row.times = Percentiles(times)
    try await loop.shutdownGracefully()
    return row
  }

  private func makeNodes(_ loop: MultiThreadedEventLoopGroup, _ verdicts: Verdicts) async throws -> [GossipNode] {
    let key = GossipKey.random()
    var logger = Logger(label: "gossip")
    logger.logLevel = .critical
    let loss = self.loss
    return try (0..<self.nodes).map { number in
      var configuration = GossipNodeConfiguration(
        name: "node-\(number)",
        listen: GossipEndpoint(host: "127.95.\(number >> 8).\(number & 0xFF)", port: 7946),
        keys: self.isSealed ? [key] : [],
        gossip: self.configuration
      )
      configuration.faults = TransportFaults { kind, peer in
        verdicts.isSilent(number) || verdicts.isSilent(Int(peer.ipv4 ?? 0) & 0xFFFF)
          || kind == .packet && loss > 0 && Double.random(in: 0..<1) < loss
      }
      return try GossipNode(configuration: configuration, eventLoop: loop.next(), logger: logger)
    }
  }

  /// What it costs when nothing happens.
  private mutating func rest(_ nodes: [GossipNode], _ row: inout Row) async throws {
    func traffic() async throws -> (packets: Int, bytes: Int) {
      var sum = (packets: 0, bytes: 0)
      for node in nodes {
        let traffic = try await node.statistics().traffic
        sum.packets += traffic.packetsSent
        sum.bytes += traffic.bytesSent
      }
      return sum
    }
    let begin = try await traffic()
    let clock = ContinuousClock.now
    let cpu = CPUTime.now
    try await Task.sleep(for: .seconds(self.seconds))
    self.cpu = CPUTime.now - cpu
    row.nodeSeconds = Double(nodes.count) * ((ContinuousClock.now - clock) / .seconds(1))
    let end = try await traffic()
    row.packets = end.packets - begin.packets
    row.bytes = end.bytes - begin.bytes
  }

  /// From the moment a node hears and says nothing until all others hold it for failed.
  private func silence(_ number: Int, _ verdicts: Verdicts) async throws -> Duration? {
    let others = number
    let start = ContinuousClock.now
    verdicts.silence(number)
    while verdicts.count(about: number) < others {
      if ContinuousClock.now - start > .seconds(60) { return nil }
      try await Task.sleep(for: .milliseconds(5))
    }
    return ContinuousClock.now - start
  }

  private static func wait(_ holds: () async throws -> Bool) async throws {
    while try await !holds() { try await Task.sleep(for: .milliseconds(5)) }
  }
}

/// Who holds whom for failed, and who is silent.
private final class Verdicts: Sendable {
  private struct State {
    var silent: Set<Int> = []
    var observers: [Int: Set<Int>] = [:]
    /// Verdicts about nodes that weren't silent.
    var falseCount = 0
  }

  private let state = Mutex(State())
  private let hasSilent = Atomic(false)

  /// False verdicts.
  var count: Int { self.state.withLock { $0.falseCount } }

  func isSilent(_ number: Int) -> Bool {
    self.hasSilent.load(ordering: .relaxed) && self.state.withLock { $0.silent.contains(number) }
  }

  /// - Parameter number: nil lets everybody speak.
  func silence(_ number: Int?) {
    self.state.withLock { state in
      if let number { state.silent.insert(number) } else { state.silent = [] }
    }
    self.hasSilent.store(number != nil, ordering: .relaxed)
  }

  func note(_ event: GossipEvent, by observer: Int) {
    guard case .failed(let member) = event, let subject = Int(member.id.description.dropFirst(5)) else { return }
    self.state.withLock { state in
      if !state.silent.contains(subject), !state.silent.contains(observer) { state.falseCount += 1 }
      state.observers[subject, default: []].insert(observer)
    }
  }

  /// How many of those that aren't silent hold a node for failed.
  func count(about subject: Int) -> Int {
    self.state.withLock { state in (state.observers[subject] ?? []).subtracting(state.silent).count }
  }
}
