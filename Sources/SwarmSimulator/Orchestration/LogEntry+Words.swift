// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

extension LogEntry {
  /// The entry in few words, for traces.
  var inFewWords: String { self.changes.map(\.inFewWords).joined(separator: "; ") }
}

extension Change {
  private static func short<Kind>(_ id: Identifier<Kind>?) -> String { id.map { String($0.description.prefix(5)) } ?? "-" }

  fileprivate var inFewWords: String {
    switch self {
    case .createService(let service):
      "create \(Self.short(service.id)) \(service.spec.inFewWords)"
    case .updateService(let id, _, let spec, let isRollback):
      "\(isRollback ? "roll back" : "update") \(Self.short(id)) \(spec.inFewWords)"
    case .updateStatus(let id, _, let status):
      "\(Self.short(id)) is \(status?.state ?? .unknown): \(status?.message ?? "")"
    case .removeService(let id): "remove service \(Self.short(id))"
    case .createTasks(let id, let version, let desired, let tasks):
      "tasks of \(Self.short(id)) v\(version) \(desired): "
        + tasks.map { "\(Self.short($0.id)) in \($0.slot) on \(Self.short($0.node)) \($0.err ?? "")" }.joined(separator: ", ")
    case .assignTasks(let tasks):
      "assign " + tasks.map { "\(Self.short($0.task)) to \(Self.short($0.node))" }.joined(separator: ", ")
    case .desiredStates(let states):
      "want " + states.map { "\(Self.short($0.task)) \($0.state)" }.joined(separator: ", ")
    case .taskStatuses(let statuses):
      "see " + statuses.map { "\(Self.short($0.task)) \($0.status.state)" }.joined(separator: ", ")
    case .removeTasks(let ids): "forget " + ids.map { Self.short($0) }.joined(separator: ", ")
    case .nodeStatuses(let nodes):
      "nodes " + nodes.map { "\(Self.short($0.id)) \($0.status?.state ?? .unknown)" }.joined(separator: ", ")
    case .updateNodeSpec(let id, _, let spec):
      "node \(Self.short(id)) \(spec.availability) \(spec.annotations.labels)"
    case .removeNode(let id, _): "remove node \(Self.short(id))"
    default: String("\(self)".prefix(60))
    }
  }
}

extension ServiceSpec {
  fileprivate var inFewWords: String {
    let update = self.update.map {
      "\($0.parallelism) at a time, \($0.delay), \($0.order), \($0.failureAction) \($0.maxFailureRatio) in \($0.monitor ?? .zero)"
    }
    let restart = self.task.restart.map { "\($0.condition) \($0.delay ?? .zero) \($0.maxAttempts)" }
    return "\(self.annotations.name) \(self.mode) image \(self.task.container?.image ?? ""), update \(update ?? "-"), "
      + "restart \(restart ?? "-"), placement \(self.task.placement?.constraints ?? []) \(self.task.placement?.maxReplicas ?? 0)"
      + self.dependencies.map { ", after \($0.service) \($0.condition)" }.joined()
  }
}
