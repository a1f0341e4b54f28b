// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore
import NIOPosix
import Raft
import RaftNIO
import Synchronization

/// Three members in one process, each with an event loop, a port and a directory of its own.
final class Group: Sendable {
  private let directory: String
  private let ports = Mutex<[RaftID: Int]>([:])
  private let nodes = Mutex<[RaftID: RaftNode<Counter>]>([:])

  init(directory: String) { self.directory = directory }

  /// Starts a member, or starts it again from what its directory holds.
  func start(_ id: RaftID) async throws {
    let node = RaftNode(
      configuration: RaftNodeConfiguration(
        directory: "\(self.directory)/member-\(id)",
        clusterID: "replicated-counter",
        member: id,
        start: .bootstrap([[], [], []]),
        listen: PeerAddress(host: "127.0.0.1", port: 0),
        segmentSize: 1 << 20,
        address: { [weak self] member in
          self?.ports.withLock { $0[member.id] }.map { PeerAddress(host: "127.0.0.1", port: $0) }
        }
      ),
      machine: Counter(),
      eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
      logger: Logger(label: "replicated-counter") { _ in SwiftLogNoOpLogHandler() }
    )
    self.nodes.withLock { $0[id] = node }
    Task {
      do {
        try await node.run()
        print("member \(id) is stopped")
      } catch {
        print("member \(id) is gone: \(error)")
      }
    }
    guard let port = try await node.listeningAddress()?.port else { return }
    self.ports.withLock { $0[id] = port }
    print("member \(id) listens on port \(port)")
  }

  /// Adds one on the leader, whoever it is.
  ///
  /// An increment whose outcome can't be known isn't repeated.
  func increment() async throws -> (leader: RaftID, value: UInt64) {
    while true {
      for (id, node) in self.nodes.withLock({ $0 }) {
        do {
          return (id, try await node.propose([]).output)
        } catch let error as RaftError where error.code == .notLeader || error.code == .stopped {
          continue
        }
      }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  /// What a member has, once it is sure to have everything.
  func value(at id: RaftID) async throws -> UInt64? {
    guard let node = self.nodes.withLock({ $0[id] }) else { return nil }
    while true {
      do {
        _ = try await node.readIndex()
        return try await node.withMachine { $0.value }
      } catch let error as RaftError where error.code == .notLeader {
        try await Task.sleep(for: .milliseconds(10))
      }
    }
  }

  /// Ends a member as SIGKILL ends a process.
  func kill(_ id: RaftID) async {
    await self.nodes.withLock { $0.removeValue(forKey: id) }?.shutdown(gracefully: false)
  }

  /// Stops everybody.
  func stop() async {
    for node in self.nodes.withLock({ $0 }).values { await node.shutdown() }
  }
}
