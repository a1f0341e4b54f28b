// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Raft
internal import RaftNIO

/// Clients with one outstanding request each, which is done when their member has applied it.
///
/// They live on the member's event loop and use the callbacks of ``RaftNode``, so that what is measured is the group and
/// not the switching between tasks.
final class ClosedLoop {
  typealias Node = RaftNode<CountingMachine>

  private let node: Node
  private let operation: Operation
  private let payload: [UInt8]
  private var began: [UInt64]
  private var proposals: [@Sendable (Node.ProposalResult) -> Void] = []
  private var reads: [Node.ReadCompletion] = []
  private var latencies = LatencyHistogram()
  private(set) var completed = 0
  private var isStopped = false
  private var stopped: (() -> Void)?
  private var outstanding = 0

  private init(_ node: Node, _ operation: Operation, clients: Int, payload: Int) {
    self.node = node
    self.operation = operation
    self.payload = [UInt8](repeating: 7, count: payload)
    self.began = [UInt64](repeating: 0, count: clients)
  }

  /// Makes clients; they live on the member's event loop.
  static func start(
    _ node: Node,
    _ operation: Operation,
    clients: Int,
    payload: Int
  ) async throws -> NIOLoopBound<ClosedLoop> {
    let eventLoop = node.eventLoop
    return try await eventLoop.submit {
      let clients = ClosedLoop(node, operation, clients: clients, payload: payload)
      clients.begin(NIOLoopBound(clients, eventLoop: eventLoop))
      return NIOLoopBound(clients, eventLoop: eventLoop)
    }.get()
  }

  private func begin(_ bound: NIOLoopBound<ClosedLoop>) {
    for client in self.began.indices {
      self.proposals.append { result in bound.value.finished(client, result.map { $0.index }) }
      self.reads.append { result in bound.value.finished(client, result) }
    }
    for client in self.began.indices { self.ask(client, at: Nanoseconds.now) }
  }

  private func ask(_ client: Int, at time: UInt64) {
    self.began[client] = time
    self.outstanding += 1
    switch self.operation {
    case .propose: self.node.propose(self.payload, completion: self.proposals[client])
    case .readindex, .lease: self.node.readIndex(completion: self.reads[client])
    }
  }

  private func finished(_ client: Int, _ result: Result<LogIndex, RaftError>) {
    self.outstanding -= 1
    let now = Nanoseconds.now
    if case .success = result {
      self.completed += 1
      self.latencies.add(nanoseconds: now - self.began[client])
    }
    if self.isStopped {
      if self.outstanding == 0 { self.stopped?() }
    } else {
      self.ask(client, at: now)
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

  /// Lets what is outstanding end.
  func stop(_ promise: EventLoopPromise<Void>) {
    self.isStopped = true
    guard self.outstanding > 0 else { return promise.succeed() }
    self.stopped = { promise.succeed() }
  }
}

extension NIOLoopBound<ClosedLoop> {
  /// What was counted since the last call.
  func take(on eventLoop: any EventLoop) async throws -> (completed: Int, latencies: LatencyHistogram) {
    try await eventLoop.submit { self.value.take() }.get()
  }

  /// Returns when nothing is outstanding.
  func stop(on eventLoop: any EventLoop) async throws {
    try await eventLoop.flatSubmit {
      let promise = eventLoop.makePromise(of: Void.self)
      self.value.stop(promise)
      return promise.futureResult
    }.get()
  }
}
