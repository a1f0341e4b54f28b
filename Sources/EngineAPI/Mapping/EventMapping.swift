// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import Swarm
internal import SwarmModel

extension Engine.Event {
  /// What docker's clients are told of an event; `nil` for what they aren't told of: tasks, and changes that no user can see.
  init?(_ event: SwarmEvent) {
    switch event {
    case .service(let change):
      guard change.isSeen({ $0.spec != $1.spec || $0.updateStatus?.state != $1.updateStatus?.state }) else { return nil }
      self.init("service", change, \.id.description, \.meta) {
        $0.spec.annotations.name
      } changes: {
        $0.changes(from: $1)
      }
    case .node(let change):
      let isSeen = change.isSeen { $0.spec != $1.spec || $0.shownName != $1.shownName || !$0.changes(from: $1).isEmpty }
      guard isSeen else { return nil }
      self.init("node", change, \.id.description, \.meta, \.shownName) { $0.changes(from: $1) }
    case .secret(let change):
      self.init("secret", change, \.id.description, \.meta, \.spec.annotations.name)
    case .config(let change):
      self.init("config", change, \.id.description, \.meta, \.spec.annotations.name)
    case .network(let change):
      self.init("network", change, \.id.description, \.meta, \.spec.annotations.name)
    case .cluster, .task, .resync:
      return nil
    }
  }

  private init?<Object>(
    _ type: String,
    _ change: SwarmEvent.Change<Object>,
    _ id: (Object) -> String,
    _ meta: (Object) -> Meta,
    _ name: (Object) -> String,
    changes: (_ new: Object, _ old: Object) -> [String: String] = { _, _ in [:] }
  ) {
    guard let object = change.new ?? change.old else { return nil }
    self.init()
    self.type = type
    self.actor = Engine.EventActor()
    self.actor?.id = id(object)
    var attributes = ["name": name(object)]
    let time: Int64
    switch (change.old, change.new) {
    case (nil, _):
      self.action = "create"
      time = meta(object).createdAt.nanoseconds
    case (let old?, let new?):
      self.action = "update"
      time = meta(object).updatedAt.nanoseconds
      attributes.merge(changes(new, old)) { first, _ in first }
    case (_, nil):
      self.action = "remove"
      time = change.time.nanoseconds
    }
    self.actor?.attributes = attributes
    self.scope = "swarm"
    self.time = time / 1_000_000_000
    self.timeNano = time
  }
}

extension SwarmEvent.Change {
  /// Whether users see it: additions, removals, and updates that change what they look at.
  fileprivate func isSeen(_ differs: (_ old: Object, _ new: Object) -> Bool) -> Bool {
    guard let old, let new else { return true }
    return differs(old, new)
  }
}

extension Service {
  fileprivate func changes(from old: Service) -> [String: String] {
    var changes = ChangedAttributes()
    if case .replicated(let now) = self.spec.mode, case .replicated(let before) = old.spec.mode {
      changes.note("replicas", old: String(before), new: String(now))
    }
    if let now = self.spec.task.container?.image, let before = old.spec.task.container?.image {
      changes.note("image", old: before, new: now)
    }
    if let now = self.updateStatus?.state {
      changes.note(
        "updatestate",
        old: (old.updateStatus?.state).map { UpdateStatus.State.engineNames[$0] } ?? "",
        new: UpdateStatus.State.engineNames[now]
      )
    }
    return changes.attributes
  }
}

extension Node {
  fileprivate var shownName: String {
    self.spec.annotations.name.isEmpty ? self.description?.hostname ?? "" : self.spec.annotations.name
  }

  fileprivate func changes(from old: Node) -> [String: String] {
    var changes = ChangedAttributes()
    let availabilities = NodeSpec.Availability.engineNames
    changes.note("availability", old: availabilities[old.spec.availability], new: availabilities[self.spec.availability])
    changes.note("role", old: NodeRole.engineNames[old.role], new: NodeRole.engineNames[self.role])
    changes.note(
      "state",
      old: NodeStatus.State.engineNames[old.status.state],
      new: NodeStatus.State.engineNames[self.status.state]
    )
    if let now = self.managerStatus, let before = old.managerStatus {
      changes.note("leader", old: String(before.leader), new: String(now.leader))
      changes.note(
        "reachability",
        old: Reachability.engineNames[before.reachability],
        new: Reachability.engineNames[now.reachability]
      )
    }
    return changes.attributes
  }
}

/// What changed, as `subject.old` and `subject.new`.
private struct ChangedAttributes {
  var attributes: [String: String] = [:]

  mutating func note(_ subject: String, old: String, new: String) {
    guard old != new else { return }
    // Where there was nothing before, there is only the new.
    if !old.isEmpty { self.attributes["\(subject).old"] = old }
    self.attributes["\(subject).new"] = new
  }
}
