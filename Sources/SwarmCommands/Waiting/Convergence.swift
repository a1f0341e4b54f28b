// SPDX-License-Identifier: Apache-2.0

package import EngineSchema

/// Judges from what the API shows whether a service has become what it should be.
///
/// A value that is fed with one look after another; it has no clock and asks nobody.
package struct Convergence: Sendable {
  /// One look at a service.
  package struct Look: Sendable {
    package var service: Engine.Service
    /// The tasks that follow the current specification.
    package var tasks: [Engine.Task]
    /// The ids of the nodes that aren't down.
    package var liveNodes: Set<String>
    /// When this was seen.
    package var time: EngineTime

    package init(service: Engine.Service, tasks: [Engine.Task], liveNodes: Set<String>, time: EngineTime) {
      self.service = service
      self.tasks = tasks
      self.liveNodes = liveNodes
      self.time = time
    }
  }

  /// What to do after a look.
  package enum Step: Hashable, Sendable {
    /// Look again, and meanwhile show this.
    case wait(String)
    /// The service is what it should be.
    case done(String)
    /// It won't become so.
    case failed(String)
  }

  private var convergedSince: EngineTime?
  private var isRolledBack = false

  package init() {}

  /// Takes a look into account.
  package mutating func step(_ look: Look) -> Step {
    let status = look.service.updateStatus
    let id = look.service.id ?? ""
    // Its runs come when the clock says so.
    if let cron = look.service.spec?.schedule?.cron { return .done("scheduled: \(cron)") }
    switch status?.state {
    case "paused": return .failed("service update paused: \(status?.message ?? "")")
    case "rollback_paused": return .failed("service rollback paused: \(status?.message ?? "")")
    case "rollback_completed": self.isRolledBack = true
    case "completed" where self.convergedSince == nil && !Self.isConverged(look):
      return .done("service \(id) updated")
    default: break
    }
    let progress = Self.progress(of: look)
    guard Self.isConverged(look), status?.state != "updating", status?.state != "rollback_started" else {
      self.convergedSince = nil
      let prefix = status?.state == "rollback_started" ? "rolling back update: " : ""
      return .wait(prefix + progress)
    }
    if look.service.spec?.mode?.isJob ?? false { return .done("job complete") }
    let since = self.convergedSince ?? look.time
    self.convergedSince = since
    let monitor = look.service.spec?.updateConfig?.monitor ?? 5_000_000_000
    guard look.time.nanosecondsSince1970 - since.nanosecondsSince1970 >= monitor else { return .wait(progress) }
    if self.isRolledBack { return .done("verify: Service \(id) converged\nrollback: \(status?.message ?? "completed")") }
    return .done("verify: Service \(id) converged")
  }

  private static func isConverged(_ look: Look) -> Bool {
    let (running, desired) = self.counts(of: look)
    return running == desired && (desired > 0 || look.service.spec?.mode?.isOnEveryNode != true)
  }

  /// What is there, and the last word about what isn't.
  private static func progress(of look: Look) -> String {
    let (running, desired) = self.counts(of: look)
    let reason = self.current(look).filter { $0.status?.state != "running" }.compactMap { $0.status?.err }.first { !$0.isEmpty }
    return "overall progress: \(running) out of \(desired) tasks" + (reason.map { " (\($0))" } ?? "")
  }

  private static func counts(of look: Look) -> (running: UInt64, desired: UInt64) {
    let mode = look.service.spec?.mode
    let shown = self.current(look)
    if let job = mode?.replicatedJob {
      return (UInt64(self.completed(look).count), job.totalCompletions ?? 0)
    }
    if mode?.globalJob != nil {
      return (UInt64(self.completed(look).count), UInt64(look.liveNodes.count))
    }
    let running = shown.filter { $0.status?.state == "running" && !Self.terminal.contains($0.desiredState ?? "") }
    return (UInt64(running.count), mode?.replicated.map { $0.replicas ?? 1 } ?? UInt64(shown.count))
  }

  private static let terminal: Set<String> = ["complete", "shutdown", "failed", "rejected", "remove", "orphaned"]

  private static func completed(_ look: Look) -> [Engine.Task] {
    let iteration = look.service.jobStatus?.jobIteration?.index
    return look.tasks.filter { $0.status?.state == "complete" && ($0.jobIteration?.index ?? 0) == (iteration ?? 0) }
  }

  /// One task per slot (or per node): the one that is wanted most, and of those the one that has come least far.
  private static func current(_ look: Look) -> [Engine.Task] {
    let isOnEveryNode = look.service.spec?.mode?.isOnEveryNode ?? false
    var chosen: [String: Engine.Task] = [:]
    for task in look.tasks where task.nodeID == nil || look.liveNodes.contains(task.nodeID ?? "") {
      let place = isOnEveryNode ? task.nodeID ?? task.id ?? "" : String(task.slot ?? 0)
      if isOnEveryNode, self.terminal.contains(task.desiredState ?? "") { continue }
      guard let other = chosen[place] else {
        chosen[place] = task
        continue
      }
      if (self.rank(task.desiredState), self.rank(task.status?.state)) < (
        self.rank(other.desiredState), self.rank(other.status?.state)
      ) {
        chosen[place] = task
      }
    }
    return chosen.values.sorted { ($0.slot ?? 0, $0.nodeID ?? "") < ($1.slot ?? 0, $1.nodeID ?? "") }
  }

  private static let order = [
    "new", "allocated", "pending", "assigned", "accepted", "preparing", "ready", "starting", "running", "complete", "shutdown",
    "failed", "rejected", "remove", "orphaned",
  ]

  private static func rank(_ state: String?) -> Int { self.order.firstIndex(of: state ?? "") ?? 0 }
}

extension Engine.ServiceMode {
  fileprivate var isOnEveryNode: Bool { self.global != nil || self.globalJob != nil }
}
