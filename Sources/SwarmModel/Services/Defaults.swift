// SPDX-License-Identifier: Apache-2.0

extension UpdateConfig {
  /// How long a new task is watched when nothing else is said: 5 seconds.
  public static var defaultMonitor: Duration { .seconds(5) }

  /// How long a new task is watched: longer than the delay between batches in any case, so that a batch is judged before the next.
  public var effectiveMonitor: Duration {
    let monitor = self.monitor ?? Self.defaultMonitor
    return self.delay >= monitor ? self.delay + .seconds(1) : monitor
  }
}

extension RestartPolicy {
  /// How long to wait before a restart when nothing else is said: 5 seconds.
  public static var defaultDelay: Duration { .seconds(5) }

  /// How long to wait before a restart.
  public var effectiveDelay: Duration { self.delay ?? Self.defaultDelay }
}

extension ContainerSpec {
  /// How long a task may take to stop when nothing else is said: 10 seconds.
  public static var defaultStopGracePeriod: Duration { .seconds(10) }

  /// How long a task may take to stop before it is killed.
  public var effectiveStopGracePeriod: Duration { self.stopGracePeriod ?? Self.defaultStopGracePeriod }
}

extension TaskSpec {
  /// The restart policy, or the default one: restart always, after 5 seconds.
  public var effectiveRestart: RestartPolicy { self.restart ?? RestartPolicy() }
}

extension ServiceSpec {
  /// How updates are carried out, or the default: one slot at a time, pause on failure, stop first.
  public var effectiveUpdate: UpdateConfig { self.update ?? UpdateConfig() }

  /// How rollbacks are carried out, or the default.
  public var effectiveRollback: UpdateConfig { self.rollback ?? UpdateConfig() }

  /// The specification with docker's defaults filled in where nothing is said; what `insertDefaults=true` shows.
  public func insertingDefaults() -> Self {
    var spec = self
    if var container = spec.task.container {
      container.stopGracePeriod = container.effectiveStopGracePeriod
      container.dnsConfig = container.dnsConfig ?? ContainerSpec.DNSConfig()
      spec.task.container = container
    }
    var restart = spec.task.effectiveRestart
    restart.delay = restart.effectiveDelay
    spec.task.restart = restart
    if !spec.mode.isJob {
      spec.update = spec.effectiveUpdate.withMonitor
      spec.rollback = spec.effectiveRollback.withMonitor
    }
    return spec
  }
}

extension UpdateConfig {
  fileprivate var withMonitor: Self {
    var config = self
    config.monitor = config.monitor ?? Self.defaultMonitor
    return config
  }
}
