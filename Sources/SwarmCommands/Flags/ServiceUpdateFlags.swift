// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The flags of `service update`, and what they change in a specification.
struct ServiceUpdateFlags: ParsableArguments {
  @Option(parsing: .unconditional, help: "The image.")
  var image: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("The arguments of the command.", valueName: "command"))
  var args: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("How many tasks.", valueName: "count"))
  var replicas: CountValue?

  @Option(parsing: .unconditional, help: "How many tasks of a job at once.")
  var maxConcurrent: CountValue?

  @Flag(inversion: .prefixedNo, help: "Update even if nothing changes.")
  var force = false

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Set an environment variable; a name alone takes this process's value.", valueName: "name=value")
  )
  var envAdd: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Remove an environment variable.", valueName: "name"))
  var envRm: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Set a label of the service.", valueName: "key=value"))
  var labelAdd: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Remove a label of the service.", valueName: "key"))
  var labelRm: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Set a label of the container.", valueName: "key=value"))
  var containerLabelAdd: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Remove a label of the container.", valueName: "key"))
  var containerLabelRm: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Add a constraint.", valueName: "expression"))
  var constraintAdd: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Remove a constraint.", valueName: "expression"))
  var constraintRm: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Add a placement preference.", valueName: "spread=label"))
  var placementPrefAdd: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Remove a placement preference.", valueName: "spread=label"))
  var placementPrefRm: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Publish a port.", valueName: "port"))
  var publishAdd: [PortValue] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Stop publishing a port, by its target.", valueName: "port"))
  var publishRm: [PortValue] = []

  @Option(parsing: .unconditional, help: "vip or dnsrr.")
  var endpointMode: String?

  /// The specification with the changes that the flags ask for.
  ///
  /// - Parameter environment: where variables that are a name alone have their values.
  func applied(
    to current: Engine.ServiceSpec,
    environment: [String: String],
    task: TaskFlags,
    container containerFlags: ContainerFlags,
    health: HealthFlags,
    rollout: RolloutFlags
  ) throws(CommandFailure) -> Engine.ServiceSpec {
    var spec = current
    spec.labels = Self.labels(current.labels, adding: self.labelAdd, removing: self.labelRm)
    if let replicas { spec.mode = try Self.mode(current.mode, replicas: replicas.count) }
    if let maxConcurrent {
      guard spec.mode?.replicatedJob != nil else {
        throw CommandFailure("max-concurrent can only be used with replicated-job mode")
      }
      spec.mode?.replicatedJob?.maxConcurrent = maxConcurrent.count
    }
    var template = current.taskTemplate ?? Engine.TaskTemplate()
    try task.apply(to: &template)
    try containerFlags.apply(to: &template)
    try health.apply(to: &template)
    if self.force { template.forceUpdate = (template.forceUpdate ?? 0) + 1 }
    template.containerSpec = try self.container(template.containerSpec ?? Engine.ContainerSpec(), environment)
    template.placement = try self.placement(template.placement)
    spec.taskTemplate = template
    rollout.apply(to: &spec)
    spec.endpointSpec = self.endpoint(current.endpointSpec)
    return spec
  }

  /// The mode with another number of tasks.
  static func mode(_ current: Engine.ServiceMode?, replicas: UInt64) throws(CommandFailure) -> Engine.ServiceMode {
    var mode = current ?? Engine.ServiceMode()
    if mode.replicatedJob != nil {
      mode.replicatedJob?.totalCompletions = replicas
    } else if mode.replicated != nil {
      mode.replicated?.replicas = replicas
    } else {
      throw CommandFailure("replicas can only be used with replicated or replicated-job mode")
    }
    return mode
  }

  private func container(
    _ current: Engine.ContainerSpec,
    _ environment: [String: String]
  ) throws(CommandFailure) -> Engine.ContainerSpec {
    var container = current
    if let image { container.image = ImageName.tagged(image) }
    if let args { container.args = ShellWords.split(args) }
    if !self.envAdd.isEmpty || !self.envRm.isEmpty {
      let added = try KeyValues.completed(self.envAdd, of: "--env-add", from: environment)
      container.env = KeyValues.merge(added, over: KeyValues.remove(self.envRm, from: current.env ?? []))
    }
    container.labels = Self.labels(current.labels, adding: self.containerLabelAdd, removing: self.containerLabelRm)
    return container
  }

  private func placement(_ current: Engine.Placement?) throws(CommandFailure) -> Engine.Placement? {
    let added = try Preferences.read(self.placementPrefAdd) ?? []
    let removed = try Preferences.read(self.placementPrefRm) ?? []
    guard !self.constraintAdd.isEmpty || !self.constraintRm.isEmpty || !added.isEmpty || !removed.isEmpty else { return current }
    var placement = current ?? Engine.Placement()
    let kept = (placement.constraints ?? []).filter { !self.constraintRm.contains($0) && !self.constraintAdd.contains($0) }
    placement.constraints = kept + self.constraintAdd
    placement.preferences = (placement.preferences ?? []).filter { !removed.contains($0) } + added
    return placement
  }

  private func endpoint(_ current: Engine.EndpointSpec?) -> Engine.EndpointSpec? {
    guard self.endpointMode != nil || !self.publishAdd.isEmpty || !self.publishRm.isEmpty else { return current }
    var endpoint = current ?? Engine.EndpointSpec()
    if let endpointMode { endpoint.mode = endpointMode }
    let added = self.publishAdd.flatMap(\.ports)
    let gone = Set(self.publishRm.flatMap(\.ports).map { "\($0.targetPort ?? 0)/\($0.protocol ?? "tcp")" })
    let kept = (endpoint.ports ?? []).filter { !gone.contains("\($0.targetPort ?? 0)/\($0.protocol ?? "tcp")") }
    // One target may be published at several ports.
    endpoint.ports = kept + added.filter { !kept.contains($0) }
    return endpoint
  }

  private static func labels(_ current: [String: String]?, adding: [String], removing: [String]) -> [String: String]? {
    guard !adding.isEmpty || !removing.isEmpty else { return current }
    var labels = current ?? [:]
    for key in removing { labels[key] = nil }
    labels.merge(KeyValues.labels(adding)) { _, new in new }
    return labels
  }
}
