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
  var secrets: Set<SecretID> = []
  /// Since when secrets are here that no live task uses.
  var unneeded: [SecretID: Nanoseconds] = [:]

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
      self.secrets = []
      self.unneeded = [:]
    }
    for change in message.changes {
      switch (change.object, change.action) {
      case (.task(let task), .update): self.tasks[task.id] = task
      case (.task(let task), .remove): self.tasks[task.id] = nil
      case (.secret(let secret), .update): self.secrets.insert(secret.id)
      case (.secret(let secret), .remove):
        guard self.secrets.remove(secret.id) != nil else { return "a node is told to forget a secret that it never got" }
        self.unneeded[secret.id] = nil
      case (.config, _): break
      }
    }
    return nil
  }

  /// The secrets that no live task uses, with the moment since which that is so.
  mutating func reviewSecrets(now: Nanoseconds) {
    var used: Set<SecretID> = []
    for task in self.tasks.values {
      guard let state = self.worker.task(task.id)?.status.state, state <= .running else { continue }
      for reference in task.spec.value.container?.secrets ?? [] { used.insert(reference.secretID) }
    }
    for secret in self.secrets {
      if used.contains(secret) {
        self.unneeded[secret] = nil
      } else if self.unneeded[secret] == nil {
        self.unneeded[secret] = now
      }
    }
  }
}
