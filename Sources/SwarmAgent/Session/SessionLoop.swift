// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import SwarmControl
internal import SwarmModel

/// Keeps a session with the leader open, one after the other, until it is cancelled.
struct SessionLoop: Sendable {
  /// How long a manager may take to answer.
  static let answerLimit = Duration.seconds(5)
  /// How often the node is looked at again.
  static let descriptionPeriod = Duration.seconds(20)

  let nodeID: NodeID
  let seeds: [String]
  let connector: any ManagerConnecting
  let node: NodeState
  let clock: AgentClock
  let inbox: Mailbox<AgentMessage>
  let runner: OperationRunner
  let errands: ErrandRunner
  let onMessage: @Sendable (SessionMessage) -> Void
  /// Managers that the node has heard of elsewhere.
  let hearsay: @Sendable () -> [String]
  let logger: Logger

  /// Runs until the task is cancelled.
  func run() async {
    var directory = ManagerDirectory(seeds: self.seeds)
    var resumable: SessionID?
    var number: UInt64 = 0
    while !Task.isCancelled {
      directory.heard(self.hearsay())
      switch directory.next() {
      case .wait(let pause):
        // When a manager dies all its nodes come to the others; they shouldn't all come at the same time again and again.
        try? await self.clock.sleep(pause * Double.random(in: 0.5...1))
      case .connect(let address):
        number += 1
        let link = SessionLink(number: number)
        let error = await self.talk(to: address, link, resuming: resumable)
        resumable = link.isDescriptionOld ? nil : link.sessionID ?? resumable
        self.learn(from: link, address: address, error: error, directory: &directory)
        if link.isLast { return }
      }
    }
  }

  private func learn(
    from link: SessionLink,
    address: String,
    error: any Error,
    directory: inout ManagerDirectory
  ) {
    directory.update(link.managers)
    var lifetime: Duration?
    if let openedAt = link.openedAt {
      self.inbox.post(.sessionClosed(link.number))
      lifetime = self.clock.now() - openedAt
    }
    guard !Task.isCancelled else { return }
    if link.isDescriptionOld {
      directory.failed(address, hint: nil, lifetime: max(lifetime ?? .zero, ManagerDirectory.stableAfter))
      return
    }
    directory.failed(address, hint: (error as? SwarmError)?.leaderHint, lifetime: lifetime)
    self.logger.debug(
      lifetime == nil ? "no session" : "session lost",
      metadata: ["manager": "\(address)", "reason": "\((error as? SwarmError)?.message ?? "\(error)")"]
    )
  }

  /// Has one session with the manager at an address; returns why it ended.
  private func talk(to address: String, _ link: SessionLink, resuming: SessionID?) async -> any Error {
    do {
      return try await self.connector.withConnection(to: address, as: self.nodeID) { manager in
        do {
          try await self.converse(with: manager, at: address, link, resuming: resuming)
          return SwarmError(code: .unavailable, message: "the manager ended the session")
        } catch let leaving as Leaving {
          return await self.sayFarewell(leaving, link, manager)
        } catch {
          return error
        }
      }
    } catch {
      return error
    }
  }

  private func converse(
    with manager: any DispatcherConnection,
    at address: String,
    _ link: SessionLink,
    resuming: SessionID?
  ) async throws {
    let description = self.node.description
    link.told(description)
    let request = SessionRequest(nodeID: self.nodeID, description: description, sessionID: resuming)
    // The stream's first message starts all the rest.
    let opened = Latch<SessionID>()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for try await message in try await manager.session(request) {
          link.received(message, at: self.clock.now())
          self.onMessage(message)
          opened.set(message.sessionID)
        }
      }
      group.addTask {
        let session = try await self.clock.limit(Self.answerLimit, "the manager didn't open a session in time") {
          try await opened.wait()
        }
        try await self.live(in: session, link, manager, at: address)
      }
      defer { group.cancelAll() }
      // Whatever ends first ends the session.
      try await group.next()
    }
  }

  private func live(
    in session: SessionID,
    _ link: SessionLink,
    _ manager: any DispatcherConnection,
    at address: String
  ) async throws {
    self.logger.debug("session open", metadata: ["session": "\(session)"])
    self.inbox.post(.sessionOpened(link))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await self.beat(session, manager) }
      group.addTask { try await self.receiveAssignments(session, link, manager) }
      group.addTask { try await self.obey(session, link, manager) }
      group.addTask { try await self.watchNode(link) }
      group.addTask { try await self.logReporter(address).run(manager) }
      group.addTask { try await self.errands.listen(to: manager, at: address) }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  private func logReporter(_ address: String) -> LogReporter {
    LogReporter(
      nodeID: self.nodeID,
      address: address,
      connector: self.connector,
      runner: self.runner,
      clock: self.clock,
      logger: self.logger
    )
  }

  private func beat(_ session: SessionID, _ manager: any DispatcherConnection) async throws {
    while true {
      let period = try await self.clock.limit(Self.answerLimit, "the manager didn't answer a heartbeat") {
        try await manager.heartbeat(node: self.nodeID, session: session)
      }
      try await self.clock.sleep(period)
    }
  }

  private func receiveAssignments(
    _ session: SessionID,
    _ link: SessionLink,
    _ manager: any DispatcherConnection
  ) async throws {
    for try await message in try await manager.assignments(node: self.nodeID, session: session) {
      self.inbox.post(.session(link.number, .assignments(message)))
    }
  }

  private func obey(_ session: SessionID, _ link: SessionLink, _ manager: any DispatcherConnection) async throws {
    while let orders = await link.orders.next() {
      for (position, order) in orders.enumerated() {
        switch order {
        case .end(let error): throw error
        case .leave: throw Leaving(session: session, orders: Array(orders.dropFirst(position + 1)))
        case .report(let report): try await self.send(report, session, link, manager)
        }
      }
    }
  }

  private func send(
    _ report: WorkerTurn.StatusReport,
    _ session: SessionID,
    _ link: SessionLink,
    _ manager: any DispatcherConnection
  ) async throws {
    try await self.clock.limit(Self.answerLimit, "the manager didn't take a report") {
      try await manager.updateTaskStatus(node: self.nodeID, session: session, updates: report.updates)
    }
    self.inbox.post(.session(link.number, .reported(report.number)))
  }

  /// Why a session ends whose node goes away.
  private struct Leaving: Error {
    var session: SessionID
    /// What the worker wanted together with that.
    var orders: [SessionLink.Order]
  }

  /// Tells how the node's tasks end, after the session has ended: the manager counts the node as gone already, and is looking for other places.
  private func sayFarewell(_ leaving: Leaving, _ link: SessionLink, _ manager: any DispatcherConnection) async -> any Error {
    link.markLast()
    do {
      var next: [SessionLink.Order]? = leaving.orders
      while let orders = next {
        for case .report(let report) in orders { try await self.send(report, leaving.session, link, manager) }
        next = await link.orders.next()
      }
      return SwarmError(code: .unavailable, message: "the node went away")
    } catch {
      return error
    }
  }

  /// Ends the session when the node isn't any more what it was when it registered.
  private func watchNode(_ link: SessionLink) async throws {
    while true {
      try await self.clock.sleep(Self.descriptionPeriod)
      guard await self.node.refresh() else { continue }
      link.markDescriptionOld()
      throw SwarmError(code: .aborted, message: "the node changed")
    }
  }
}
