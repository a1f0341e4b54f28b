// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import BenchmarkKit
internal import Foundation
internal import Gossip
internal import SwarmSimulator

/// How fast nodes that gossip notice things, how often they are wrong and what it costs.
@main
struct GossipBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gossip-benchmark",
    abstract: "Measures membership by gossip: in virtual time (--simulated), or with sockets on loopback (--loopback)."
  )

  enum Profile: String, ExpressibleByArgument, CaseIterable {
    case `default`
    case fast
  }

  @Option(help: "Nodes.")
  var nodes = 64
  @Option(help: "The part of datagrams that get lost, 0 to 1.")
  var loss = 0.0
  @Option(help: "Seconds of watching, after the nodes know each other.")
  var seconds = 60
  @Option(help: "Slow nodes: blocked for 8 s, running for 0.1 s, and again.")
  var slow = 0
  @Option(help: "crash, watch, join, partition, mass-failure, leave, chaos or fuzz.")
  var scenario = Scenario.crash
  @Option(help: "How often a scenario is run, each time with another seed.")
  var trials = 20
  @Option(help: "The first seed.")
  var seed: UInt64 = 1
  @Option(help: "The nodes' configuration: default or fast.")
  var profile = Profile.default
  @Flag(help: "Probe with datagrams alone.")
  var udpOnly = false
  @Flag(help: "In virtual time, in one thread.")
  var simulated = false
  @Flag(help: "With sockets on loopback, all nodes on one event loop: what a quiet cluster costs, then one crash per trial.")
  var loopback = false
  @Flag(help: "With --loopback: without sealing.")
  var clear = false
  @Flag(help: "Print one JSON object per row.")
  var json = false

  func validate() throws {
    guard !self.loopback || self.scenario == .crash && self.slow == 0 && self.trials < self.nodes / 2 else {
      throw ValidationError("--loopback runs the crash scenario, without slow nodes and with fewer trials than half of the nodes")
    }
    guard self.nodes >= 2, self.trials >= 1, self.seconds >= 1 else {
      throw ValidationError("--nodes must be at least 2, --trials and --seconds at least 1")
    }
    guard 0..<1 ~= self.loss else { throw ValidationError("--loss must be from 0 up to and without 1") }
    guard 0..<self.nodes ~= self.slow else { throw ValidationError("--slow must be below --nodes") }
  }

  func run() async throws {
    let limits = try PhysicalLimits.measure(in: NSTemporaryDirectory())
    if !self.json { print(limits.description) }
    var configuration = self.profile == .fast ? GossipConfiguration.fast : .default
    configuration.probing.usesStreams = !self.udpOnly
    if self.loopback { return try await self.runLoopback(configuration) }
    let bench = Bench(nodes: self.nodes, loss: self.loss, seconds: self.seconds, slow: self.slow, configuration: configuration)
    let start = ContinuousClock.now
    let cpu = CPUTime.now
    let row = try bench.run(self.scenario, seeds: (0..<UInt64(self.trials)).map { self.seed + $0 })
    self.show(row, wall: ContinuousClock.now - start, cpu: CPUTime.now - cpu)
  }

  private func runLoopback(_ configuration: GossipConfiguration) async throws {
    var bench = Loopback(
      nodes: self.nodes,
      loss: self.loss,
      seconds: self.seconds,
      trials: self.trials,
      isSealed: !self.clear,
      configuration: configuration
    )
    let start = ContinuousClock.now
    let row = try await bench.run()
    let wall = ContinuousClock.now - start
    if !self.json {
      print(
        "\(self.nodes) nodes joined in \(bench.joinTime / .seconds(1)) s; \(bench.kibibytesPerNode) KiB of memory per node; "
          + "\(self.clear ? "in the clear" : "sealed")"
      )
    }
    self.show(row, wall: wall, cpu: bench.cpu, loopback: bench)
  }

  private func show(_ row: Row, wall: Duration, cpu: Duration, loopback: Loopback? = nil) {
    let nodeSeconds = max(row.nodeSeconds, 1e-9)
    let p50 = row.times[0.5] / .seconds(1)
    let p99 = row.times[0.99] / .seconds(1)
    let worst = row.times[1] / .seconds(1)
    let packets = Double(row.packets) / nodeSeconds
    let bytes = Double(row.bytes) / nodeSeconds
    let stream = Double(row.streamBytes) / nodeSeconds
    let milliseconds = row.nodeSeconds > 0 ? cpu / .milliseconds(1) / nodeSeconds : 0
    if self.json {
      let sockets = loopback.map { bench in
        "\"join_s\":\(bench.joinTime / .seconds(1)),\"kib_per_node\":\(bench.kibibytesPerNode),\"sealed\":\(!self.clear),"
      }
      print(
        """
        {"scenario":"\(self.scenario.rawValue)","mode":"\(loopback == nil ? "simulated" : "loopback")",\(sockets ?? "")\
        "nodes":\(self.nodes),"loss":\(self.loss),\
        "slow":\(self.slow),"trials":\(row.trials),"all_know_p50_s":\(p50),"all_know_p99_s":\(p99),"all_know_max_s":\(worst),\
        "incomplete":\(row.incomplete),"false_deaths":\(row.falseDeaths),"false_deaths_healthy":\(row.falseDeathsAmongHealthy),\
        "unhealed":\(row.unhealed),"heal_max_s":\(row.longestHealing / .seconds(1)),"packets_per_node_s":\(packets),\
        "bytes_per_node_s":\(bytes),"stream_bytes_per_node_s":\(stream),"cpu_ms_per_node_s":\(milliseconds),\
        "wall_s":\(wall / .seconds(1)),"peak_mib":\(Memory.peakMebibytes)}
        """
      )
    } else {
      print(
        "scenario     nodes  loss slow trials   p50_s   p99_s   max_s incomplete false healthy unhealed heal_s  "
          + "pkt/n/s    B/n/s stream_B cpu_ms/n/s  wall_s peak_MiB"
      )
      let name = self.scenario.rawValue.padding(toLength: 12, withPad: " ", startingAt: 0)
      print(
        name
          + String(
            format: "%6d %5.2f %4d %6d %7.2f %7.2f %7.2f %10d %5d %7d %8d %6.2f %8.2f %8.1f %8.1f %10.4f %7.2f %8d",
            self.nodes,
            self.loss,
            self.slow,
            row.trials,
            p50,
            p99,
            worst,
            row.incomplete,
            row.falseDeaths,
            row.falseDeathsAmongHealthy,
            row.unhealed,
            row.longestHealing / .seconds(1),
            packets,
            bytes,
            stream,
            milliseconds,
            wall / .seconds(1),
            Memory.peakMebibytes
          )
      )
    }
  }
}
