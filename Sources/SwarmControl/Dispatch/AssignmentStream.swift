// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// What one node's agent was told: its tasks, with the secrets and configs that those use.
///
/// The stream starts with the whole set; from then on each committed change costs what it changes.
struct AssignmentStream: Sendable {
  /// The desired state that the agent knows, per task.
  private var known: [TaskID: TaskState] = [:]
  /// What live tasks need beside themselves.
  private var secrets = Dependencies<Secret>()
  private var configs = Dependencies<Config>()
  private var pending: [TaskID: AssignmentChange] = [:]
  private var sequence: UInt64 = 0
  /// Whether the agent hears of all networks of its tasks, or only of those that every engine has by itself.
  private let hearsOfNetworks: Bool

  /// The stream of an agent that wasn't told anything yet.
  ///
  /// - Parameter hearsOfNetworks: False for Docker's agents, which would make overlay networks that nobody here speaks.
  init(hearsOfNetworks: Bool = true) {
    self.hearsOfNetworks = hearsOfNetworks
  }

  var hasPending: Bool {
    self.sequence == 0 || !self.pending.isEmpty || self.secrets.hasPending || self.configs.hasPending
  }

  /// A task of the node changed, or went.
  ///
  /// - Returns: Whether the agent is to be told something.
  mutating func change(from old: Stored<SwarmTask>?, to new: Stored<SwarmTask>?, in overlay: Overlay) -> Bool {
    if let new = new?.value, new.nodeID != nil {
      self.update(new, in: overlay)
    } else if let old = old?.value {
      self.remove(old)
    }
    return self.hasPending
  }

  /// A task of the node is, or changed; agents are told of what managers decide, not of what agents said.
  ///
  /// What the task uses comes before it, and goes when the last task that uses it has ended.
  mutating func update(_ task: SwarmTask, in overlay: Overlay) {
    guard task.status.state >= .assigned else { return }
    if task.hasEnded {
      self.release(task)
    } else if self.known[task.id] == nil, let container = task.spec.value.container {
      for reference in container.secrets {
        self.secrets.add(reference.secretID, for: task.id) { overlay.committedSecret(reference.secretID) }
      }
      for reference in container.configs {
        self.configs.add(reference.configID, for: task.id) { overlay.committedConfig(reference.configID) }
      }
    }
    guard self.known[task.id] != task.desiredState else { return }
    self.known[task.id] = task.desiredState
    self.pending[task.id] = AssignmentChange(action: .update, object: .task(self.attached(task, in: overlay)))
  }

  /// The task with the networks that it is to be on.
  private func attached(_ task: SwarmTask, in overlay: Overlay) -> SwarmTask {
    let service = task.serviceID.flatMap { overlay.committedService($0) }
    let wanted = task.spec.value.attachments(in: service?.spec)
    guard !wanted.isEmpty else { return task }
    var attached = task
    attached.networks = wanted.compactMap { config in
      guard let network = NetworkID(config.target).flatMap({ overlay.committedNetwork($0) }) else { return nil }
      guard self.hearsOfNetworks || network.isPredefined else { return nil }
      return NetworkAttachment(
        network: network,
        aliases: config.aliases,
        driverAttachmentOpts: config.driverAttachmentOpts
      )
    }
    return attached
  }

  mutating func remove(_ task: SwarmTask) {
    guard self.known.removeValue(forKey: task.id) != nil else { return }
    self.release(task)
    self.pending[task.id] = AssignmentChange(action: .remove, object: .task(SwarmTask(id: task.id)))
  }

  private mutating func release(_ task: SwarmTask) {
    for reference in task.spec.value.container?.secrets ?? [] { self.secrets.release(reference.secretID, from: task.id) }
    for reference in task.spec.value.container?.configs ?? [] { self.configs.release(reference.configID, from: task.id) }
  }

  /// The next message of the stream.
  mutating func takeMessage() -> AssignmentsMessage {
    let before = self.sequence
    self.sequence += 1
    let isFirst = before == 0
    var changes = self.secrets.take().map { id, secret in
      AssignmentChange(action: secret == nil ? .remove : .update, object: .secret(secret ?? Secret(id: id)))
    }
    changes += self.configs.take().map { id, config in
      AssignmentChange(action: config == nil ? .remove : .update, object: .config(config ?? Config(id: id)))
    }
    changes += self.pending.keys.sorted().compactMap { self.pending[$0] }
    self.pending = [:]
    return AssignmentsMessage(
      kind: isFirst ? .complete : .incremental,
      appliesTo: isFirst ? "" : String(before),
      resultsIn: String(self.sequence),
      changes: changes
    )
  }
}

/// Objects of one kind that tasks of a node use.
private struct Dependencies<Object: Sendable>: Sendable {
  private var users: [Identifier<Object>: Set<TaskID>] = [:]
  /// What the agent is still to hear: an object, or that it is to forget it.
  private var pending: [Identifier<Object>: Object?] = [:]
  /// What the agent has by all that it was told.
  private var told: Set<Identifier<Object>> = []

  init() {}

  var hasPending: Bool { !self.pending.isEmpty }

  /// A task uses an object; one that doesn't exist any more isn't sent, and its task will say that it misses it.
  mutating func add(_ id: Identifier<Object>, for task: TaskID, _ object: () -> Object?) {
    if self.users[id] == nil {
      guard let object = object() else { return }
      self.pending[id] = .some(object)
    }
    self.users[id, default: []].insert(task)
  }

  mutating func release(_ id: Identifier<Object>, from task: TaskID) {
    guard self.users[id]?.remove(task) != nil, self.users[id]?.isEmpty == true else { return }
    self.users[id] = nil
    // Of what came and went since the last message the agent hears nothing.
    self.pending[id] = self.told.contains(id) ? .some(nil) : nil
  }

  /// Takes what the agent is to hear, sorted by id.
  mutating func take() -> [(Identifier<Object>, Object?)] {
    defer { self.pending = [:] }
    return self.pending.sorted { $0.key < $1.key }.map { id, object in
      if object == nil { self.told.remove(id) } else { self.told.insert(id) }
      return (id, object)
    }
  }
}
