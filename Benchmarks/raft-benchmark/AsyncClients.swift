// SPDX-License-Identifier: Apache-2.0

internal import Raft
internal import RaftNIO
internal import Synchronization

/// Clients that are tasks: each awaits its request, somewhere on the global pool.
///
/// What hosts write, and what a request then costs besides Raft: two switches between threads.
final class AsyncClients: Sendable {
  private struct Counted {
    var completed = 0
    var latencies = LatencyHistogram()
  }

  /// One client's own numbers, so that clients don't wait for each other.
  private final class Client: Sendable {
    let counted = Mutex(Counted())
  }

  private let clients: [Client]
  private let tasks: [Task<Void, Never>]

  init(_ node: RaftNode<CountingMachine>, _ operation: Operation, clients: Int, payload: Int) {
    let made = (0..<clients).map { _ in Client() }
    let payload = [UInt8](repeating: 7, count: payload)
    self.clients = made
    self.tasks = made.map { client in
      Task {
        while !Task.isCancelled {
          let began = Nanoseconds.now
          do {
            if operation == .propose { _ = try await node.propose(payload) } else { _ = try await node.readIndex() }
          } catch {
            return
          }
          let time = Nanoseconds.now - began
          client.counted.withLock { counted in
            counted.completed += 1
            counted.latencies.add(nanoseconds: time)
          }
        }
      }
    }
  }

  /// Gives what was counted since the last call.
  func take() -> (completed: Int, latencies: LatencyHistogram) {
    var all = Counted()
    for client in self.clients {
      let counted = client.counted.withLock { counted in
        defer { counted = Counted() }
        return counted
      }
      all.completed += counted.completed
      all.latencies.add(counted.latencies)
    }
    return (all.completed, all.latencies)
  }

  /// Returns when nothing is outstanding.
  func stop() async {
    for task in self.tasks { task.cancel() }
    for task in self.tasks { await task.value }
  }
}
