// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import SwarmControl
internal import SwarmModel
internal import SwarmWire

/// Does what the leader asks of this node beside its tasks' lives.
///
/// Sessions come and go; what was begun goes on until it is done, or who asked for it is gone.
final class ErrandRunner: Sendable {
  /// An errand and the leader that asked for it.
  private struct Order: Sendable {
    var errand: Errand
    var leader: String
  }

  private let nodeID: NodeID
  private let connector: any ManagerConnecting
  private let runner: OperationRunner
  private let clock: AgentClock
  private let logger: Logger
  private let (orders, orderInput) = AsyncStream<Order>.makeStream()

  init(nodeID: NodeID, connector: any ManagerConnecting, runner: OperationRunner, clock: AgentClock, logger: Logger) {
    self.nodeID = nodeID
    self.connector = connector
    self.runner = runner
    self.clock = clock
    self.logger = logger
  }

  /// Takes a leader's errands until the task is cancelled: a failure costs no session.
  func listen(to manager: any DispatcherConnection, at address: String) async throws {
    while true {
      do {
        try await self.take(manager.errands(node: self.nodeID), of: manager, at: address)
      } catch {
        try Task.checkCancellation()
        // A manager that has no errands won't have any later: it is SwarmKit's.
        if (error as? SwarmError)?.code == .unimplemented { try await Latch<Void>().wait() }
        self.logger.debug("no errands", metadata: ["reason": "\((error as? SwarmError)?.message ?? "\(error)")"])
      }
      try await self.clock.sleep(.seconds(1))
    }
  }

  private func take(
    _ errands: AsyncThrowingStream<Errand, any Error>,
    of manager: any DispatcherConnection,
    at address: String
  ) async throws {
    try await withThrowingDiscardingTaskGroup { group in
      defer { group.cancelAll() }
      for try await errand in errands {
        guard errand.work == .usage else {
          self.orderInput.yield(Order(errand: errand, leader: address))
          continue
        }
        // Quick, so it needs no connection of its own.
        group.addTask { await self.tellUsage(errand.id, to: manager) }
      }
    }
  }

  private func tellUsage(_ errand: ErrandID, to manager: any DispatcherConnection) async {
    do {
      let usage = try await self.runner.usage(of: self.nodeID, at: self.clock.time())
      try await manager.answer(errand, node: self.nodeID, usage: usage)
    } catch {
      guard !Task.isCancelled else { return }
      self.logger.debug("what is used of this node can't be told", metadata: ["reason": "\(error)"])
    }
  }

  /// Carries out errands until cancelled.
  func run() async {
    await withDiscardingTaskGroup { group in
      for await order in self.orders {
        group.addTask { await self.carryOut(order) }
      }
      group.cancelAll()
    }
  }

  /// Over a connection of its own, so that neither heartbeats nor other errands wait behind it.
  private func carryOut(_ order: Order) async {
    do {
      try await self.connector.withConnection(to: order.leader, as: self.nodeID) { manager in
        try await manager.attend(order.errand.id, node: self.nodeID) { input, output in
          switch order.errand.work {
          case .exec(let command):
            try await self.runner.exec(command.request, beside: command.task, input: input, output: output)
          case .usage, nil: throw SwarmError(code: .unimplemented, message: "node \(self.nodeID) is too old for this")
          }
        }
      }
    } catch {
      guard !Task.isCancelled else { return }
      self.logger.debug("an errand wasn't finished", metadata: ["reason": "\((error as? SwarmError)?.message ?? "\(error)")"])
    }
  }
}
