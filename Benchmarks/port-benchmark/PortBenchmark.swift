// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import BenchmarkKit
internal import Foundation
internal import Glibc

/// What the one port costs and takes: handshakes beside OpenSSL's, and the patience of others while somebody floods it.
@main
struct PortBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "port-benchmark",
    abstract: "Measures a manager's port: mutual TLS handshakes beside OpenSSL's, and floods.",
    subcommands: [Run.self, ServeCommand.self],
    defaultSubcommand: Run.self
  )

  struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "run")

    @Option(help: "Seconds for each figure.")
    var seconds = 5
    @Option(help: "Connections of a flood.")
    var connections = 10_000
    @Option(help: "half-open, slowloris or rapid-reset; without one, handshakes are measured.")
    var flood: Flood.Kind?

    func run() async throws {
      let directory = "\(NSTemporaryDirectory())port-benchmark-\(ProcessInfo.processInfo.processIdentifier)"
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: directory) }
      let identities = try Identities.make(in: directory)
      let server = try ServerProcess(identities)
      defer { server.end() }
      if let flood {
        try await self.measure(flood, server, identities)
      } else {
        try self.measureHandshakes(server, identities)
      }
    }

    private func measureHandshakes(_ server: ServerProcess, _ identities: Identities) throws {
      let openSSL = try ServerProcess(openSSL: identities, port: server.port == 65_535 ? 65_534 : server.port + 1)
      defer { openSSL.end() }
      // Warm, and until it listens.
      _ = try Handshakes(with: server, identities, seconds: 1)
      _ = try Handshakes(with: openSSL, identities, seconds: 1)
      print("server       handshakes/s   CPU µs each")
      var costs: [Double] = []
      for (name, server) in [("swift-swarm", server), ("openssl", openSSL)] {
        let result = try Handshakes(with: server, identities, seconds: self.seconds)
        costs.append(result.cpu / .microseconds(1))
        print(
          name.padding(toLength: 12, withPad: " ", startingAt: 0)
            + String(format: "%13d %13.0f", result.count / self.seconds, result.cpu / .microseconds(1))
        )
      }
      print(String(format: "ratio %.2f", costs[0] / costs[1]))
    }

    private func measure(_ kind: Flood.Kind, _ server: ServerProcess, _ identities: Identities) async throws {
      var limit = rlimit()
      unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      limit.rlim_cur = limit.rlim_max
      unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)

      let probe = Probe(server: server, security: try identities.security(of: "worker"))
      _ = try await probe.run(for: .seconds(1))
      let quiet = try await probe.run(for: .seconds(self.seconds))
      // Who floods takes processors, too: what that costs is seen when the flood is for somebody else.
      let neighbour = try ServerProcess(identities)
      let beside = try await self.probe(probe, during: Flood(kind, port: neighbour.port, count: self.connections))
      neighbour.end()
      let flooded = try await self.probe(probe, during: Flood(kind, port: server.port, count: self.connections))
      print("                        p50 µs    p99 µs   memory MiB")
      for (name, result) in [("quiet", quiet), ("for another port", beside), (kind.rawValue, flooded)] {
        print(
          name.padding(toLength: 22, withPad: " ", startingAt: 0)
            + String(
              format: "%8.0f %9.0f %12.1f",
              result.latencies[0.5] / .microseconds(1),
              result.latencies[0.99] / .microseconds(1),
              Double(result.memory) / 1_048_576
            )
        )
      }
    }

    private func probe(_ probe: Probe, during flood: Flood) async throws -> Probe.Result {
      async let flooding: Void = flood.run()
      let result: Probe.Result
      do {
        defer { flood.end() }
        result = try await probe.run(for: .seconds(self.seconds))
      }
      try await flooding
      if !flood.hasBegun { print("not all connections could be opened in time") }
      return result
    }
  }
}
