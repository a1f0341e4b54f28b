// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation
internal import Swarm
internal import SwarmModel

/// The workers' process of ``WorkerProcess``: joins, and runs until it is killed.
struct WorkersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "workers",
    abstract: "Runs workers until it is killed; started by the benchmark itself.",
    shouldDisplay: false
  )

  static let tokenVariable = "SWARM_JOIN_TOKEN"

  // Arguments, for options would be taken for those of the benchmark itself.
  @Argument var workers: Int
  @Argument var directory: String
  @Argument var managers: [String]

  func run() async throws {
    guard let token = ProcessInfo.processInfo.environment[Self.tokenVariable] else {
      throw ValidationError("\(Self.tokenVariable) isn't set")
    }
    let bench = Bench(
      managers: 0,
      workers: self.workers,
      runtime: .hollow,
      workersGossip: false,
      workersStop: false,
      directory: self.directory
    )
    let nodes = bench.makeWorkers()
    let request = JoinRequest(remoteAddresses: self.managers, token: token)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for node in nodes { group.addTask { try await node.run() } }
      group.addTask { try await RunningSwarm.join(nodes, request) }
      try await group.waitForAll()
    }
  }
}
