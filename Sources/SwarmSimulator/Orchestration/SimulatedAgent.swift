// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

/// A node's agent: the real bookkeeping of a worker, its records, its connection, and a runtime made up.
struct SimulatedAgent {
  let node: NodeID
  var description: NodeDescription
  var worker: Worker
  /// The records on disk, as bytes.
  var disk: [TaskID: [UInt8]] = [:]
  var runtime = SimulatedRuntime()
  var isUp = true
  /// Nothing gets through to managers, nor back.
  var isCut = false
  /// Whether the node was removed for good.
  var isGone = false
  /// Counts the lives of the agent's process.
  var life = 0
  var wakeAt: Nanoseconds?

  // The connection
  var connection = 0
  /// The manager at its other end.
  var manager = 0
  var session: SessionID?
  /// Sessions that ended.
  var formerSessions: [SessionID] = []
  /// When the last message of the connection arrives, in each direction.
  var arrivals: (here: Nanoseconds, there: Nanoseconds) = (0, 0)
  /// What the newest object of the session's store was.
  var newestVersion: UInt64 = 0

  // What managers told, kept by the simulator's own book
  var tasks: [TaskID: SwarmTask] = [:]
  var needs: Set<TaskNeed> = []
  /// Since when things are here that no live task needs.
  var unneeded: [TaskNeed: Nanoseconds] = [:]

  init(node: NodeID, description: NodeDescription) {
    self.node = node
    self.description = description
    self.worker = Worker(nodeID: node)
  }

  /// Keeps the simulator's own book of what the node was told.
  ///
  /// - Returns: What is wrong with the message.
  mutating func note(_ message: AssignmentsMessage) -> String? {
    if message.kind == .complete {
      self.tasks = [:]
      self.needs = []
      self.unneeded = [:]
    }
    for change in message.changes {
      switch (change.object, change.action) {
      case (.task(let task), .update): self.tasks[task.id] = task
      case (.task(let task), .remove): self.tasks[task.id] = nil
      case (.secret, _), (.config, _):
        guard let need = change.need else { break }
        if change.action == .update {
          self.needs.insert(need)
        } else {
          guard self.needs.remove(need) != nil else { return "a node is told to forget \(need), which it never got" }
          self.unneeded[need] = nil
        }
      }
    }
    return nil
  }

  /// Notes what no live task needs, with the moment since which that is so.
  ///
  /// - Parameter log: What the log says: managers can't know more.
  mutating func reviewNeeds(now: Nanoseconds, _ log: Store) {
    var needed: Set<TaskNeed> = []
    for task in self.tasks.values {
      let isLive = self.worker.task(task.id).map { $0.status.state <= .running } ?? false
      let isKnown = log.task(task.id).map { !$0.hasEnded } ?? false
      if isLive || isKnown { needed.formUnion(task.needs) }
    }
    for need in self.needs {
      if needed.contains(need) {
        self.unneeded[need] = nil
      } else if self.unneeded[need] == nil {
        self.unneeded[need] = now
      }
    }
  }
}

extension AssignmentChange {
  /// What the change gives or takes that a task needs.
  var need: TaskNeed? {
    switch self.object {
    case .task: nil
    case .secret(let secret): .secret(secret.id)
    case .config(let config): .config(config.id)
    }
  }
}
