// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// What a task's restart policy says; worked out from the slot's history, so that a new leader comes to the same result.
struct RestartRules: Sendable {
  let condition: RestartPolicy.Condition
  /// The time between the end of a task and the start of its replacement.
  let delay: Duration
  let maxAttempts: UInt64
  /// Only ends within this time count as attempts; `nil` means all.
  let window: Duration?

  static var defaultDelay: Duration { .seconds(5) }

  /// - Parameter policy: What the specification says.
  init(_ policy: RestartPolicy?) {
    self.condition = policy?.condition ?? .any
    self.delay = max(.zero, policy?.delay ?? Self.defaultDelay)
    self.maxAttempts = policy?.maxAttempts ?? 0
    self.window = policy?.window.flatMap { $0 > .zero ? $0 : nil }
  }

  /// Whether a task that ended, or lost its node, is replaced.
  ///
  /// The first task of a slot isn't an attempt, so with `n` attempts the end number `n + 1` is the last. Only tasks that ended by themselves count, and only
  /// those of the same version of the specification: an update starts the count again.
  func replaces(_ task: SwarmTask, in slot: [SwarmTask]) -> Bool {
    switch self.condition {
    case .none: return false
    case .onFailure: if task.status.state == .complete { return false }
    case .any: break
    }
    guard self.maxAttempts > 0 else { return true }
    let since = self.window.map { task.endedAt - $0 }
    let ends = slot.count { other in
      other.specVersion == task.specVersion && other.endedByItself && (since.map { other.endedAt > $0 } ?? true)
    }
    return UInt64(ends) <= self.maxAttempts
  }

  /// How many tasks a slot keeps, those that may run included; `nil` keeps all.
  ///
  /// Attempts are counted in the history, so a limit of attempts decides how much of it is needed.
  func historyLimit(default limit: Int64) -> Int? {
    if self.maxAttempts > 0 { return Int(clamping: self.maxAttempts) + (self.maxAttempts < UInt64(Int.max) ? 1 : 0) }
    return limit < 0 ? nil : Int(clamping: limit)
  }
}

extension SwarmTask {
  /// Whether the task was observed to have ended, of which there is no way back.
  var hasEnded: Bool { self.status.state > .running }

  /// Whether the task came to its end without being told to stop.
  var endedByItself: Bool {
    switch self.status.state {
    case .complete, .failed, .rejected: true
    default: false
    }
  }

  /// When the last status was stored, by a manager's clock as far as known.
  var endedAt: Timestamp { self.status.appliedAt ?? self.status.timestamp }

  /// Whether the task is for one node, as those of global services are, and waits until there is room for it.
  var waitsForItsNode: Bool { self.nodeID != nil && self.status.state < .assigned }

  /// Whether the managers want the task to run, now or soon; tasks of jobs are wanted until they have completed.
  var isWanted: Bool { self.desiredState <= .complete }
}
