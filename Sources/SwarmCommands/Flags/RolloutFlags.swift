// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The flags `--update-…` and `--rollback-…`.
struct RolloutFlags: ParsableArguments {
  @Option(parsing: .unconditional, help: "How many tasks are updated at once; 0 is all. (default: 1)")
  var updateParallelism: CountValue?

  @Option(parsing: .unconditional, help: "The time between two tasks of an update. (default: 0s)")
  var updateDelay: DurationValue?

  @Option(parsing: .unconditional, help: "What a failing update does: pause, continue or rollback. (default: pause)")
  var updateFailureAction: String?

  @Option(parsing: .unconditional, help: "How long an updated task is watched. (default: 5s)")
  var updateMonitor: DurationValue?

  @Option(parsing: .unconditional, help: "The share of tasks that may fail during an update, 0 to 1.")
  var updateMaxFailureRatio: RatioValue?

  @Option(parsing: .unconditional, help: "stop-first or start-first. (default: stop-first)")
  var updateOrder: String?

  @Option(parsing: .unconditional, help: "How many tasks are rolled back at once; 0 is all. (default: 1)")
  var rollbackParallelism: CountValue?

  @Option(parsing: .unconditional, help: "The time between two tasks of a rollback. (default: 0s)")
  var rollbackDelay: DurationValue?

  @Option(parsing: .unconditional, help: "What a failing rollback does: pause or continue. (default: pause)")
  var rollbackFailureAction: String?

  @Option(parsing: .unconditional, help: "How long a task is watched after a rollback. (default: 5s)")
  var rollbackMonitor: DurationValue?

  @Option(parsing: .unconditional, help: "The share of tasks that may fail during a rollback, 0 to 1.")
  var rollbackMaxFailureRatio: RatioValue?

  @Option(parsing: .unconditional, help: "stop-first or start-first. (default: stop-first)")
  var rollbackOrder: String?

  func apply(to spec: inout Engine.ServiceSpec) {
    let update = Change(
      parallelism: self.updateParallelism,
      delay: self.updateDelay,
      failureAction: self.updateFailureAction,
      monitor: self.updateMonitor,
      maxFailureRatio: self.updateMaxFailureRatio,
      order: self.updateOrder
    )
    let rollback = Change(
      parallelism: self.rollbackParallelism,
      delay: self.rollbackDelay,
      failureAction: self.rollbackFailureAction,
      monitor: self.rollbackMonitor,
      maxFailureRatio: self.rollbackMaxFailureRatio,
      order: self.rollbackOrder
    )
    spec.updateConfig = update.applied(to: spec.updateConfig)
    spec.rollbackConfig = rollback.applied(to: spec.rollbackConfig)
  }

  private struct Change {
    var parallelism: CountValue?
    var delay: DurationValue?
    var failureAction: String?
    var monitor: DurationValue?
    var maxFailureRatio: RatioValue?
    var order: String?

    /// One flag alone is completed with the defaults of all others, as docker does it; none leaves everything as it is.
    func applied(to current: Engine.UpdateConfig?) -> Engine.UpdateConfig? {
      let isUnchanged =
        self.parallelism == nil && self.delay == nil && self.failureAction == nil && self.monitor == nil
        && self.maxFailureRatio == nil && self.order == nil
      guard !isUnchanged else { return current }
      var config = current ?? Self.defaults
      if let parallelism { config.parallelism = parallelism.count }
      if let delay { config.delay = delay.nanoseconds }
      if let failureAction { config.failureAction = failureAction }
      if let monitor { config.monitor = monitor.nanoseconds }
      if let maxFailureRatio { config.maxFailureRatio = maxFailureRatio.ratio }
      if let order { config.order = order }
      return config
    }

    private static var defaults: Engine.UpdateConfig {
      var config = Engine.UpdateConfig()
      config.parallelism = 1
      config.delay = 0
      config.failureAction = "pause"
      config.monitor = 5_000_000_000
      config.maxFailureRatio = 0
      config.order = "stop-first"
      return config
    }
  }
}
