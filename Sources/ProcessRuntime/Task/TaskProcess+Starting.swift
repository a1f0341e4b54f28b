// SPDX-License-Identifier: Apache-2.0

internal import CProcessShim
internal import SwarmAgent

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

extension TaskProcess {
  /// Starts a shim and hears from it.
  func launch(_ instructions: Instructions, name: String) async throws -> ShimReport {
    let (directory, node) = (self.directory, self.node)
    let reader = try await node.files.run {
      try node.checkOpen()
      try directory.create().write("instructions", instructions.encoded, durable: false)
      let (child, reader) = try ShimReport.launch(directory: directory.path, name: name)
      if let child { node.supervisor.reap(child) }
      return reader
    }
    return try await ShimReport.read(reader, node.supervisor)
  }

  /// Whether the process ends within a time; when the caller is cancelled meanwhile the process is killed.
  func ends(within limit: Duration) async throws -> Bool {
    guard case .running(let record) = try await self.settled(), let shim = self.open(record.shim) else { return true }
    do {
      let isOver = try await self.node.supervisor.readable([shim], within: limit)
      if isOver { swarm_pidfd_reap(shim.number) }
      return isOver
    } catch {
      _ = swarm_shim_stop(shim.number, SIGKILL, 0)
      throw error
    }
  }

  /// Kills a health check that is still going on, and deletes what is left of it.
  func endProbe() async throws {
    let (directory, node) = (self.directory, self.node)
    guard try await node.files.run({ try PrivateDirectory.open(directory.probe.path) != nil }) else { return }
    try await TaskProcess(directory: directory.probe, node: node).kill()
    try await node.files.run { try directory.removeProbe() }
  }
}

extension TaskDirectory {
  /// Where a health check of the task runs.
  var probe: TaskDirectory { TaskDirectory(path: "\(self.path)/health") }

  /// Deletes the directory of an ended health check; blocks.
  func removeProbe() throws(RuntimeError) {
    try PrivateDirectory.open(self.path)?.removeTree("health")
  }
}
