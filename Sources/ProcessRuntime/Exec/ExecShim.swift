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

/// How a command beside a task ended.
enum ExecReport: Hashable, Sendable {
  /// It ran, and this is its exit code.
  case ended(Int32)
  /// It couldn't be run; with the system's error number.
  case failed(ShimReport.Stage, Int32)
}

/// The process that watches over a command beside a task, for as long as somebody listens to it.
struct ExecShim: Sendable {
  /// The process, unless it has ended already.
  let child: Descriptor?
  private let control: Descriptor

  /// Starts the shim; blocks until the program is being loaded.
  init(_ instructions: [UInt8], name: String, streams: ExecStreams) throws(RuntimeError) {
    let file = unsafe instructions.withUnsafeBytes { unsafe swarm_memory_file($0.baseAddress, $0.count) }
    guard file >= 0 else { throw .system("make a file in memory", errno) }
    let memory = Descriptor(owning: file)
    let ends = streams.commandEnds
    var control: Int32 = -1
    let pid = unsafe swarm_exec_spawn(name, memory.number, ends[0].number, ends[1].number, ends[2].number, &control)
    guard pid > 0 else { throw .system("start a process", errno) }
    self.control = Descriptor(owning: control)
    // Still our child, so the id is its own.
    let child = swarm_pidfd_open(pid)
    self.child = child >= 0 ? Descriptor(owning: child) : nil
    withExtendedLifetime(memory) {}
  }

  /// Waits for the end of the command and of all its descendants; `nil` when the shim ended without a word.
  func report(_ supervisor: Supervisor) async throws -> ExecReport? {
    var text: [UInt8] = []
    while true {
      try await supervisor.readable([self.control])
      guard let bytes = try self.control.readAvailable(count: 256) else { continue }
      guard !bytes.isEmpty else { break }
      text += bytes
    }
    for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2, words[0] == "ended", let code = Int32(words[1]) { return .ended(code) }
      if case .failed(let stage, let number) = ShimReport(String(line)) { return .failed(stage, number) }
    }
    return nil
  }

  /// Kills the command with all its descendants, and waits until they have ended.
  func kill(_ supervisor: Supervisor) async {
    _ = shutdown(self.control.number, Int32(SHUT_WR))
    // A cancelled caller waits, too: what was killed shall be gone when it goes on. The time is the shim's own patience with a process that hangs.
    await Task { try? await self.ended(supervisor) }.value
  }

  private func ended(_ supervisor: Supervisor) async throws {
    while try await supervisor.readable([self.control], within: .seconds(15)) {
      if try self.control.readAvailable(count: 256)?.isEmpty ?? false { return }
    }
  }
}
