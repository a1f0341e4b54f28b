// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

/// What an agent does, without processes: tasks take their steps at once, as far as their image's name lets them.
///
/// Images: `fail` ends with an error when started, `complete` with success, `reject` can't be prepared, `stuck` never gets past preparing, `stubborn`
/// doesn't stop when told; anything else runs.
struct FakeAgent {
  struct Held {
    var task: SwarmTask
    var state: TaskState
  }

  /// How long an agent waits after its registration was refused.
  static var patience: Duration { .seconds(1) }

  let node: NodeID
  var description: NodeDescription
  /// Where its connections come from; empty when nobody knows.
  let address: String
  /// Whether the process exists.
  var isAlive = true
  /// Whether the patience with stubborn tasks is over.
  var killsStubborn = false
  var session: SessionID?
  var held: [TaskID: Held] = [:]
  var secrets: [SecretID: Secret] = [:]
  var configs: [ConfigID: Config] = [:]
  var applied = ""
  var nextHeartbeat = Duration.zero
  /// Before this moment the agent doesn't ask for a session.
  var nextRegistration = Duration.zero
  var lastMessage: SessionMessage?
  /// Every state reported, per task.
  var reported: [TaskID: [TaskState]] = [:]

  init(node: NodeID, description: NodeDescription, address: String = "") {
    self.node = node
    self.description = description
    self.address = address
  }

  mutating func receive(_ message: AssignmentsMessage) {
    switch message.kind {
    case .complete:
      #expect(message.appliesTo.isEmpty)
      let ids = Set(message.changes.compactMap(\.taskID))
      self.held = self.held.filter { ids.contains($0.key) }
      self.secrets = [:]
      self.configs = [:]
    case .incremental:
      #expect(message.appliesTo == self.applied, "the chain of assignments is broken")
    }
    self.applied = message.resultsIn
    for change in message.changes {
      switch (change.object, change.action) {
      case (.task(let task), .update): self.held[task.id, default: Held(task: task, state: .assigned)].task = task
      case (.task(let task), .remove): self.held[task.id] = nil
      case (.secret(let secret), .update): self.secrets[secret.id] = secret
      case (.secret(let secret), .remove):
        #expect(self.secrets.removeValue(forKey: secret.id) != nil, "an agent is told to forget what it never got")
      case (.config(let config), .update): self.configs[config.id] = config
      case (.config(let config), .remove):
        #expect(self.configs.removeValue(forKey: config.id) != nil, "an agent is told to forget what it never got")
      }
    }
  }

  /// What was told in earlier sessions, to be told again.
  func repeatedStatuses() -> [TaskStatusUpdate] {
    self.held.keys.sorted().compactMap { id in
      guard let held = self.held[id], held.state > .assigned else { return nil }
      return TaskStatusUpdate(task: id, status: TaskStatus(state: held.state))
    }
  }

  /// Lets all tasks take their steps.
  mutating func step() -> [TaskStatusUpdate] {
    var updates: [TaskStatusUpdate] = []
    for id in self.held.keys.sorted() {
      while let held = self.held[id], let next = self.nextState(held) {
        self.held[id]?.state = next
        let err = next == .failed ? "task: non-zero exit (1)" : ""
        updates.append(TaskStatusUpdate(task: id, status: TaskStatus(state: next, err: err)))
        self.reported[id, default: []].append(next)
      }
    }
    return updates
  }

  private func nextState(_ held: Held) -> TaskState? {
    guard held.state <= .running else { return nil }
    let image = held.task.spec.value.container?.image ?? ""
    if held.task.desiredState > .complete {
      return image == "stubborn" && held.state >= .running && !self.killsStubborn ? nil : .shutdown
    }
    switch held.state {
    case .assigned: return .accepted
    case .accepted: return .preparing
    case .preparing:
      if image == "stuck" { return nil }
      return image == "reject" ? .rejected : .ready
    case .ready: return held.task.desiredState >= .running ? .starting : nil
    case .starting: return .running
    case .running:
      if image == "fail" { return .failed }
      return image == "complete" ? .complete : nil
    default: return nil
    }
  }

  /// A running task ends.
  mutating func end(_ id: TaskID, _ state: TaskState) -> [TaskStatusUpdate] {
    guard self.held[id]?.state == .running else { return [] }
    self.held[id]?.state = state
    return [TaskStatusUpdate(task: id, status: TaskStatus(state: state))]
  }
}

extension AssignmentChange {
  var taskID: TaskID? {
    guard case .task(let task) = self.object else { return nil }
    return task.id
  }
}
