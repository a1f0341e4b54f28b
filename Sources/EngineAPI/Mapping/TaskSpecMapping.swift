// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

extension TaskSpec {
  init(_ template: Engine.TaskTemplate) throws(APIFailure) {
    let runtime = template.runtime ?? ""
    guard runtime.isEmpty || runtime == "container" else {
      throw runtime == "plugin" || runtime == "attachment"
        ? .notAvailable("tasks of the runtime \"\(runtime)\" are") : .badRequest("unknown task runtime \"\(runtime)\"")
    }
    guard template.pluginSpec?.isEmpty ?? true else { throw .notAvailable("plugins as services (PluginSpec) are") }
    guard template.networkAttachmentSpec?.isEmpty ?? true else {
      throw .notAvailable("network attachments (NetworkAttachmentSpec) are")
    }
    var container = try ContainerSpec(template.containerSpec ?? Engine.ContainerSpec())
    container.pidsLimit = template.resources?.limits?.pids ?? 0
    self.init(runtime: .container(container), forceUpdate: template.forceUpdate ?? 0)
    if let resources = template.resources { self.resources = try ResourceRequirements(resources) }
    if let restart = template.restartPolicy { self.restart = try RestartPolicy(restart) }
    if let placement = template.placement { self.placement = try Placement(placement) }
    self.logDriver = template.logDriver.map(Driver.init)
    self.networks = (template.networks ?? []).map(NetworkAttachmentConfig.init)
  }

  var apiValue: Engine.TaskTemplate {
    var template = Engine.TaskTemplate()
    if let container = self.container {
      template.containerSpec = container.apiValue
      template.runtime = "container"
    }
    template.resources = self.resources?.apiValue
    if let pids = self.container?.pidsLimit.nonZero {
      var resources = template.resources ?? Engine.ResourceRequirements()
      var limits = resources.limits ?? Engine.ResourceLimits()
      limits.pids = pids
      resources.limits = limits
      template.resources = resources
    }
    template.restartPolicy = self.restart?.apiValue
    template.placement = self.placement?.apiValue
    template.logDriver = self.logDriver?.apiValue
    template.networks = self.networks.map(\.apiValue).nonEmpty
    template.forceUpdate = self.forceUpdate
    return template
  }
}

extension ResourceRequirements {
  init(_ requirements: Engine.ResourceRequirements) throws(APIFailure) {
    self.init()
    if let limits = requirements.limits {
      self.limits = Resources(nanoCPUs: limits.nanoCPUs ?? 0, memoryBytes: limits.memoryBytes ?? 0)
    }
    if let reservations = requirements.reservations { self.reservations = try Resources(reservations) }
  }

  var apiValue: Engine.ResourceRequirements {
    var requirements = Engine.ResourceRequirements()
    if let limits {
      requirements.limits = Engine.ResourceLimits()
      requirements.limits?.nanoCPUs = limits.nanoCPUs.nonZero
      requirements.limits?.memoryBytes = limits.memoryBytes.nonZero
    }
    requirements.reservations = self.reservations?.apiValue
    return requirements
  }
}

extension RestartPolicy {
  init(_ policy: Engine.RestartPolicy) throws(APIFailure) {
    self.init(
      condition: try Condition.engineNames.value(policy.condition, default: .any) {
        .badRequest("invalid RestartCondition: \"\($0)\"")
      },
      delay: policy.delay.map { .nanoseconds($0) },
      maxAttempts: policy.maxAttempts ?? 0,
      window: policy.window.map { .nanoseconds($0) }
    )
  }

  var apiValue: Engine.RestartPolicy {
    var policy = Engine.RestartPolicy()
    policy.condition = Condition.engineNames[self.condition]
    policy.delay = self.delay?.apiValue
    policy.maxAttempts = self.maxAttempts
    policy.window = self.window?.apiValue
    return policy
  }
}

extension Placement {
  init(_ placement: Engine.Placement) throws(APIFailure) {
    for constraint in placement.constraints ?? [] {
      do {
        _ = try PlacementConstraint(parsing: constraint)
      } catch {
        // SwarmKit gives these errors no code, which dockerd answers with this status.
        throw APIFailure(status: 500, message: "rpc error: code = Unknown desc = \(error.message)")
      }
    }
    self.init(
      constraints: placement.constraints ?? [],
      preferences: (placement.preferences ?? []).map { preference in
        PlacementPreference(spread: preference.spread.map { SpreadOver(spreadDescriptor: $0.spreadDescriptor ?? "") })
      },
      platforms: (placement.platforms ?? []).map(Platform.init),
      maxReplicas: placement.maxReplicas ?? 0,
      strategy: try Strategy.engineNames.value(placement.strategy, default: .spread) {
        .badRequest("unrecognized placement strategy \($0)")
      }
    )
  }

  var apiValue: Engine.Placement {
    var placement = Engine.Placement()
    placement.constraints = self.constraints.nonEmpty
    placement.preferences =
      self.preferences.map { preference in
        var shown = Engine.PlacementPreference()
        shown.spread = preference.spread.map { spread in
          var over = Engine.SpreadOver()
          over.spreadDescriptor = spread.spreadDescriptor
          return over
        }
        return shown
      }.nonEmpty
    placement.maxReplicas = self.maxReplicas.nonZero
    placement.platforms = self.platforms.map(\.apiValue).nonEmpty
    placement.strategy = self.strategy == .spread ? nil : Strategy.engineNames[self.strategy]
    return placement
  }
}
