// SPDX-License-Identifier: Apache-2.0

internal import BenchmarkKit
internal import Logging
internal import ProcessRuntime
internal import Swarm
internal import SwarmAgent
internal import SwarmModel

/// A swarm to measure.
struct Bench {
  let managers: Int
  let workers: Int
  let runtime: SwarmBenchmark.Runtime
  let workersGossip: Bool
  let workersStop: Bool
  let directory: String

  /// Builds the swarm as far as the scenario wants, lets `body` use it, and takes it down.
  func run(_ scenario: SwarmBenchmark.Scenario, _ body: @escaping @Sendable (RunningSwarm) async throws -> Measurement)
    async throws -> Measurement
  {
    let managers = (1...self.managers).map { self.node("manager\($0)", nil) }
    let workers = self.workersStop ? [] : self.makeWorkers()
    let apart = self.workersStop ? WorkerProcess(workers: self.workers, directory: self.directory) : nil
    defer { apart?.end() }
    return try await withThrowingTaskGroup(of: Measurement?.self) { group in
      var lifetimes: [ObjectIdentifier: Lifetime] = [:]
      for node in managers + workers {
        let lifetime = Lifetime()
        lifetimes[ObjectIdentifier(node)] = lifetime
        group.addTask {
          try await lifetime.run { try await node.run() }
          return nil
        }
      }
      let swarm = RunningSwarm(managers: managers, workers: workers, apart: apart, lifetimes: lifetimes)
      group.addTask {
        switch scenario {
        case .join: try await swarm.form(workers: 0)
        case .joinManager: try await swarm.form(managers: managers.count - 1)
        default: try await swarm.form()
        }
        return try await body(swarm)
      }
      while let result = try await group.next() {
        guard let result else { continue }
        for node in managers + workers { node.shutdown() }
        try await group.waitForAll()
        return result
      }
      preconditionFailure("the measurement ended without a result")
    }
  }

  /// The workers, none of which runs yet.
  func makeWorkers() -> [SwarmNode] {
    (1...self.workers).map { number in
      self.node("worker\(number)", self.runtime == .hollow ? InMemoryRuntime() : ProcessRuntime())
    }
  }

  private func node(_ name: String, _ runtime: (any ContainerRuntime)?) -> SwarmNode {
    var logger = Logger(label: "swarm")
    logger.logLevel = .error
    let configuration = SwarmNodeConfiguration(
      stateDirectory: "\(self.directory)/\(name)",
      listenAddress: NetworkAddress(host: "127.0.0.1", port: 0),
      gossips: self.workersGossip || runtime == nil,
      hostname: name,
      logSegmentSize: 16 << 20
    )
    return SwarmNode(configuration: configuration, runtime: runtime, logger: logger)
  }
}
