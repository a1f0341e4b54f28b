// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Swarm
internal import SwarmModel

/// Workers that run in a process of their own, and so can be stopped together.
final class WorkerProcess: Sendable {
  let workers: Int
  private let directory: String
  private let process = Process()

  init(workers: Int, directory: String) {
    self.workers = workers
    self.directory = directory
  }

  /// Starts the process, whose workers join by themselves.
  func join(_ request: JoinRequest) throws {
    guard let executable = Bundle.main.executableURL else {
      throw SwarmError(code: .unavailable, message: "this program's file isn't known")
    }
    self.process.executableURL = executable
    self.process.arguments = ["workers", "\(self.workers)", self.directory] + request.remoteAddresses
    self.process.environment = ProcessInfo.processInfo.environment.merging([WorkersCommand.tokenVariable: request.token]) { $1 }
    try self.process.run()
  }

  /// Throws when the process has ended.
  func check() throws {
    guard self.process.isRunning else { throw SwarmError(code: .unavailable, message: "the workers' process has ended") }
  }

  /// Takes all processors from the workers; their connections stay open.
  func stop() {
    kill(self.process.processIdentifier, SIGSTOP)
  }

  /// Kills the process, stopped or not.
  func end() {
    guard self.process.isRunning else { return }
    kill(self.process.processIdentifier, SIGKILL)
    self.process.waitUntilExit()
  }
}
