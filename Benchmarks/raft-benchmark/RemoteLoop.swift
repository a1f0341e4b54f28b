// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import RaftNIO

/// Clients with one outstanding request each, in a process of their own, sharing a few connections to the leader.
final class RemoteLoop {
  private let connections: [NIOLoopBound<ClientConnection>]
  private let operation: ClientProtocol.Request.Operation
  private let payload: [UInt8]
  private var latencies = LatencyHistogram()
  private var completed = 0
  private(set) var failures = 0
  private var isStopped = false

  init(_ connections: [NIOLoopBound<ClientConnection>], _ operation: Operation, payload: Int) {
    self.connections = connections
    self.operation = operation == .propose ? .propose : .read
    self.payload = [UInt8](repeating: 7, count: operation == .propose ? payload : 0)
  }

  func begin(clients: Int) {
    for client in 0..<clients { self.ask(self.connections[client % self.connections.count].value) }
  }

  private func ask(_ connection: ClientConnection) {
    let began = Nanoseconds.now
    connection.ask(self.operation, self.payload) { answer in
      if answer?.outcome == .done {
        self.completed += 1
        self.latencies.add(nanoseconds: Nanoseconds.now - began)
      } else {
        self.failures += 1
      }
      if !self.isStopped, answer != nil { self.ask(connection) }
    }
  }

  /// Gives what was counted since the last call.
  func take() -> (completed: Int, latencies: LatencyHistogram) {
    defer {
      self.completed = 0
      self.latencies = LatencyHistogram()
    }
    return (self.completed, self.latencies)
  }

  func stop() { self.isStopped = true }
}
