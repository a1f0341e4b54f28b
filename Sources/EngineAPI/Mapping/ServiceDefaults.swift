// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

extension Engine.ServiceSpec {
  /// The specification with the defaults that a reader with `insertDefaults=true` wants to see.
  var insertingDefaults: Self {
    var spec = self
    spec.updateConfig = Self.insertingDefaults(in: spec.updateConfig)
    spec.rollbackConfig = Self.insertingDefaults(in: spec.rollbackConfig)
    var template = spec.taskTemplate ?? Engine.TaskTemplate()
    var restart = template.restartPolicy ?? Engine.RestartPolicy()
    restart.condition = restart.condition ?? "any"
    restart.delay = restart.delay ?? 5_000_000_000
    restart.maxAttempts = restart.maxAttempts ?? 0
    template.restartPolicy = restart
    template.resources = template.resources ?? Engine.ResourceRequirements()
    template.placement = template.placement ?? Engine.Placement()
    if var container = template.containerSpec {
      container.stopGracePeriod = container.stopGracePeriod ?? 10_000_000_000
      container.dnsConfig = container.dnsConfig ?? Engine.DNSConfig()
      template.containerSpec = container
    }
    spec.taskTemplate = template
    return spec
  }

  private static func insertingDefaults(in config: Engine.UpdateConfig?) -> Engine.UpdateConfig {
    var config = config ?? UpdateConfig().apiValue
    config.monitor = config.monitor ?? 5_000_000_000
    return config
  }
}
