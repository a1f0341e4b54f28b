// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

extension Worker {
  /// Carries out one message of the assignment stream: first secrets and configs, then tasks, whatever their
  /// order in the message.
  mutating func assign(_ message: AssignmentsMessage, now: Duration, time: Timestamp) {
    guard self.isSessionOpen else { return }
    switch message.kind {
    case .complete:
      self.secrets.removeAll()
      self.configs.removeAll()
    case .incremental:
      guard let set = self.assignmentSet else {
        return self.failSession("the first assignments of a session were not complete")
      }
      guard message.appliesTo == set else {
        return self.failSession("assignments apply to \"\(message.appliesTo)\", not to \"\(set)\"")
      }
    }
    self.assignmentSet = message.resultsIn
    for change in message.changes { self.applyDependency(change) }
    if message.kind == .complete { self.withdrawTasks(missingFrom: message, time: time) }
    for change in message.changes { self.applyTask(change, time: time) }
  }

  /// The secrets that a task uses, as far as a manager sent them.
  package func secrets(of task: SwarmTask) -> [Secret] {
    task.spec.value.container?.secrets.compactMap { self.secrets[$0.secretID] } ?? []
  }

  /// The configs that a task uses, as far as a manager sent them.
  package func configs(of task: SwarmTask) -> [Config] {
    task.spec.value.container?.configs.compactMap { self.configs[$0.configID] } ?? []
  }

  private mutating func applyDependency(_ change: AssignmentChange) {
    switch (change.object, change.action) {
    case (.secret(let secret), .update): self.secrets[secret.id] = secret
    case (.secret(let secret), .remove): self.secrets[secret.id] = nil
    case (.config(let config), .update): self.configs[config.id] = config
    case (.config(let config), .remove): self.configs[config.id] = nil
    case (.task, _): break
    }
  }

  private mutating func withdrawTasks(missingFrom message: AssignmentsMessage, time: Timestamp) {
    var listed: Set<TaskID> = []
    for change in message.changes where change.action == .update {
      if case .task(let task) = change.object { listed.insert(task.id) }
    }
    for id in self.tasks.keys.filter({ !listed.contains($0) }).sorted() {
      self.tasks[id]?.unassigned()
      self.advance(id, time: time)
    }
  }

  private mutating func applyTask(_ change: AssignmentChange, time: Timestamp) {
    guard case .task(let task) = change.object else { return }
    switch change.action {
    case .remove:
      self.tasks[task.id]?.unassigned()
    case .update where self.tasks[task.id] != nil:
      self.tasks[task.id]?.assigned(task)
    case .update:
      guard task.status.state >= .assigned, task.nodeID == nil || task.nodeID == self.nodeID else { return }
      var managed = ManagedTask(assigned: task, time: time)
      if self.isStoppingAll { managed.stop() }
      self.tasks[task.id] = managed
    }
    self.advance(task.id, time: time)
  }
}
