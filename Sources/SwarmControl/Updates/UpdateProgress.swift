// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// How far the update of a service is, as far as it isn't in the store.
///
/// A new leader starts with an empty one: what it needs (outdated slots, tasks that are being replaced) is in the tasks.
struct UpdateProgress: Sendable {
  /// The specification that the update leads to.
  let specVersion: Version
  /// How many slots were outdated when the update was first seen: what the failure ratio refers to.
  var total: Int
  /// Slots in which a task is being replaced, with the round of the control loop in which that was decided.
  var busy: [SlotKey: UInt64] = [:]
  /// Slots that were decided about since the update was reviewed last.
  var decided: Set<SlotKey> = []
  /// Moments at which the delay after a replaced slot is over.
  var cooldowns: [Duration] = []
  /// The tasks that the update made.
  var watched: [TaskID: Watch] = [:]
  /// Tasks that ended too early, each counted once.
  var failures = 0
  /// The last of them, for the message.
  var lastFailure: TaskID?
  /// When all slots were found to be replaced; the update is complete a monitoring period later.
  var settledAt: Duration?

  /// A task that must not end too early.
  struct Watch: Sendable {
    /// The moment since which the task runs; `nil` until it does.
    var runningSince: Duration?
  }

  init(specVersion: Version, total: Int) {
    self.specVersion = specVersion
    self.total = total
  }

  /// A task came or its state changed: counts if it was made for a slot that the update replaces.
  mutating func taskChanged(_ task: SwarmTask, monitor: Duration, now: Duration) {
    if self.watched[task.id] == nil, !task.hasEnded, task.specVersion == self.specVersion, task.status.state < .accepted,
      self.busy[SlotKey(task)] != nil
    {
      self.watched[task.id] = Watch()
    }
    guard let watch = self.watched[task.id] else { return }
    if task.status.state == .assigned, task.isWanted, self.busy[SlotKey(task)] == nil {
      // The update went on while it waited for room on its node.
      self.busy[SlotKey(task)] = 0
    }
    if task.status.state == .running {
      self.watched[task.id]?.runningSince = watch.runningSince ?? now
    } else if task.hasEnded {
      self.watched[task.id] = nil
      guard task.endedByItself, watch.runningSince.map({ $0 + monitor >= now }) ?? true else { return }
      self.failures += 1
      self.lastFailure = task.id
    }
  }

  /// Whether more slots failed than the configuration allows.
  func hasFailed(_ config: UpdateConfig) -> Bool {
    self.failures > 0 && Float(self.failures) / Float(max(self.total, 1)) > config.maxFailureRatio
  }
}

extension UpdateConfig {
  /// How long tasks are watched after they started; always longer than the delay.
  var effectiveMonitor: Duration {
    let monitor = self.monitor ?? .seconds(5)
    return self.delay >= monitor ? self.delay + .seconds(1) : monitor
  }

  /// How many slots may be replaced at a time.
  var effectiveParallelism: Int {
    self.parallelism == 0 ? .max : Int(clamping: self.parallelism)
  }
}
