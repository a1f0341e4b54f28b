// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import NIOPosix
import Raft
import RaftNIO
import Synchronization

/// A group of one that numbers its commands and prints each number when it is acknowledged, for tests that hurt its disk.
///
/// `raft-disk-writer DIRECTORY LAST`: resumes at what the directory holds and stops after LAST. What fails is printed to stderr
/// and gives exit code 3.
@main
struct DiskWriter {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let last = Int(arguments[2]) else { throw ExitCode() }
    let node = RaftNode(
      configuration: RaftNodeConfiguration(
        directory: arguments[1],
        clusterID: "disk",
        start: .bootstrap(),
        raft: RaftConfiguration(memory: .init(trailingEntries: 5)),
        segmentSize: 64 << 10,
        snapshots: .init(entries: 8)
      ),
      machine: Numbers(),
      eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
      logger: Logger(label: "disk") { _ in SwiftLogNoOpLogHandler() }
    )
    let run = Task { try await node.run() }
    do {
      var events = node.events.makeAsyncIterator()
      while let event = await events.next() {
        if case .leadershipEstablished = event { break }
      }
      Self.say("has \(try await node.withMachine { $0.last })")
      while try await node.withMachine({ $0.last }) < last {
        let payload = [UInt8](repeating: 7, count: 4000)
        do {
          Self.say("ack \(try await node.propose(payload).output)")
        } catch let error as RaftError where error.code == .storageFull {
          Self.say("full")
          try await Task.sleep(for: .milliseconds(20))
        }
      }
      await node.shutdown()
      try await run.value
    } catch {
      let reason = await run.result
      try? FileHandle.standardError.write(contentsOf: Data("\(error)\n\(reason)\n".utf8))
      exit(3)
    }
  }

  /// At once, so that nothing that was said is lost with the process.
  private static func say(_ line: String) {
    try? FileHandle.standardOutput.write(contentsOf: Data("\(line)\n".utf8))
  }

  private struct ExitCode: Error {}
}

/// Counts commands.
private struct Numbers: StateMachine {
  private(set) var last = 0

  mutating func apply(_ entries: [Entry], into outputs: inout [Int]) {
    for _ in entries {
      self.last += 1
      outputs.append(self.last)
    }
  }

  func snapshot() -> any SnapshotSource {
    let last = self.last
    return SnapshotBytes { Array(String(last).utf8) }
  }

  mutating func restore(from snapshot: [UInt8]) throws {
    guard let last = Int(String(decoding: snapshot, as: UTF8.self)) else { throw CocoaError(.coderReadCorrupt) }
    self.last = last
  }
}
