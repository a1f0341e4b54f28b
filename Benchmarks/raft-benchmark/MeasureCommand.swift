// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import BenchmarkKit
internal import Foundation

/// Rows of what closed-loop clients get from a group, one outstanding request each.
struct MeasureCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "measure",
    abstract: "Measures a Raft group with closed-loop clients; the default."
  )

  @Option(help: "core, mem, tcp, tls or process.")
  var mode = Mode.core
  @Option(help: "memory, wal or wal-nosync.")
  var storage = Storage.memory
  @Option(help: "Members, 1, 3, 5 or 7.")
  var nodes = 3
  @Option(help: "Numbers of clients, with commas; a row each. In mode core: the window.")
  var clients = "1,64,256,1000"
  @Option(help: "Bytes per proposal, with commas; rows each.")
  var payload = "128"
  @Option(help: "propose, readindex or lease.")
  var op = Operation.propose
  @Option(help: "callback or async: how clients in the same process ask.")
  var interface = Interface.callback
  @Option(help: "Seconds per row, after a warm-up of a quarter of that.")
  var seconds = 3.0
  @Option(help: "The seed of all chance.")
  var seed: UInt64 = 1
  @Option(help: "Event loops that the members in one process share.")
  var loops = 1
  @Option(help: "The election timeout in milliseconds.")
  var electionTimeout = 1000
  @Option(help: "Where logs are written.")
  var directory = NSTemporaryDirectory()
  @Option(help: "Instead of rows: end the leader so often, and measure until the next write. With --mode process.")
  var failover = 0
  @Option(help: "Instead of rows: so many rounds with each kind of slow or hung member. With --mode tcp and --loops 3.")
  var isolation = 0
  @Option(help: "Instead of rows: resident memory over so many proposals. With --mode mem, tcp or tls.")
  var endurance = 0
  @Option(help: "Instead of rows: open a log of so many megabytes in a process of its own.")
  var recovery = 0
  @Flag(help: "Keep processors from sleeping meanwhile, so that waking them isn't what is measured. Needs root.")
  var awake = false
  @Flag(help: "Print one JSON object per row.")
  var json = false

  func validate() throws {
    guard [1, 3, 5, 7].contains(self.nodes) else { throw ValidationError("--nodes must be 1, 3, 5 or 7") }
    guard self.seconds > 0 else { throw ValidationError("--seconds must be positive") }
    guard 1...64 ~= self.loops else { throw ValidationError("--loops must be 1 to 64") }
    guard 20...60_000 ~= self.electionTimeout else { throw ValidationError("--election-timeout must be 20 to 60000") }
    guard Self.numbers(self.clients)?.allSatisfy({ 1...100_000 ~= $0 }) == true else {
      throw ValidationError("--clients must be numbers from 1 to 100000")
    }
    guard Self.numbers(self.payload)?.allSatisfy({ 1...(4 << 20) ~= $0 }) == true else {
      throw ValidationError("--payload must be numbers from 1 to 4194304")
    }
    guard self.failover == 0 || self.mode == .process else { throw ValidationError("--failover needs --mode process") }
    let isLocal = self.mode != .core && self.mode != .process
    guard self.endurance == 0 || isLocal, self.isolation == 0 || isLocal else {
      throw ValidationError("--endurance and --isolation need --mode mem, tcp or tls")
    }
    if self.mode == .core {
      guard self.storage == .memory else { throw ValidationError("mode core has no storage but memory") }
      guard self.op == .propose else { throw ValidationError("mode core only proposes") }
    }
  }

  func run() async throws {
    let wakeful = self.awake ? try WakefulProcessors() : nil
    defer { withExtendedLifetime(wakeful) {} }
    let limits = try PhysicalLimits.measure(in: self.directory)
    self.say(limits.description)
    if self.recovery > 0 {
      let payload = Self.numbers(self.payload)?.first ?? 128
      return try await Recovery.measure(bytes: self.recovery * 1_000_000, payload: payload, directory: self.directory)
    }
    if self.endurance > 0 {
      return try await Endurance.measure(
        self.settings,
        proposals: self.endurance,
        clients: Self.numbers(self.clients)?.last ?? 1000,
        payload: Self.numbers(self.payload)?.first ?? 128,
        json: self.json
      )
    }
    if self.isolation > 0 { return try await self.measureIsolation() }
    if self.failover > 0 { return try await self.measureFailover() }
    self.say(Row.head)
    for payload in Self.numbers(self.payload) ?? [] {
      for clients in Self.numbers(self.clients) ?? [] {
        let row = try await self.measure(clients: clients, payload: payload)
        print(self.json ? row.json : row.line)
      }
    }
  }

  private func measure(clients: Int, payload: Int) async throws -> Row {
    switch self.mode {
    case .core:
      var loop = try CoreLoop(members: self.nodes, window: clients, payload: payload, seed: self.seed)
      return try loop.measure(seconds: self.seconds)
    case .mem, .tcp, .tls:
      return try await LocalBenchmark.measure(self.settings, clients: clients, payload: payload, seconds: self.seconds)
    case .process:
      return try await ProcessBenchmark.measure(self.settings, clients: clients, payload: payload, seconds: self.seconds)
    }
  }

  private func measureIsolation() async throws {
    for trouble in Isolation.Trouble.allCases {
      for clients in Self.numbers(self.clients) ?? [] {
        print(
          try await Isolation.measure(
            self.settings,
            trouble,
            clients: clients,
            payload: Self.numbers(self.payload)?.first ?? 128,
            seconds: self.seconds,
            rounds: self.isolation
          )
        )
      }
    }
  }

  private func measureFailover() async throws {
    for way in [Failover.Way.killed, .silent] {
      let times = try await Failover.measure(self.settings, way, samples: self.failover)
      print(Failover.text(times, way, electionTimeout: self.electionTimeout, json: self.json))
    }
  }

  private var settings: GroupSettings {
    GroupSettings(
      mode: self.mode,
      storage: self.storage,
      operation: self.op,
      interface: self.interface,
      members: self.nodes,
      loops: self.loops,
      electionTimeout: .milliseconds(self.electionTimeout),
      directory: self.directory
    )
  }

  /// For people only.
  private func say(_ line: String) {
    if !self.json { print(line) }
  }

  private static func numbers(_ text: String) -> [Int]? {
    let numbers = text.split(separator: ",").map { Int($0) }
    return numbers.isEmpty || numbers.contains(nil) ? nil : numbers.compactMap(\.self)
  }
}
