// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The flags about a task's process, limits and restarts that `service create` and `service update` share.
struct TaskFlags: ParsableArguments {
  @Option(parsing: .unconditional, help: ArgumentHelp("Replace the entry point of the image.", valueName: "command"))
  var entrypoint: String?

  @Option(parsing: .unconditional, help: "The host name inside the task.")
  var hostname: String?

  @Option(name: [.customShort("u", allowingJoined: true), .long], parsing: .unconditional, help: "The user, by name or number.")
  var user: String?

  @Option(name: [.customShort("w", allowingJoined: true), .long], parsing: .unconditional, help: "The working directory.")
  var workdir: String?

  @Flag(name: .shortAndLong, inversion: .prefixedNo, help: "Give the process a terminal.")
  var tty: Bool?

  @Flag(inversion: .prefixedNo, help: "Mount the root file system read-only.")
  var readOnly: Bool?

  @Flag(name: .customLong("init"), inversion: .prefixedNo, help: "Run a small init inside the task.")
  var usesInit: Bool?

  @Option(parsing: .unconditional, help: "The signal that asks the process to stop.")
  var stopSignal: String?

  @Option(parsing: .unconditional, help: "How long the process may take to stop. (default: 10s)")
  var stopGracePeriod: DurationValue?

  @Option(parsing: .unconditional, help: ArgumentHelp("Limit processors.", valueName: "decimal"))
  var limitCpu: CPUValue?

  @Option(parsing: .unconditional, help: ArgumentHelp("Limit memory.", valueName: "bytes"))
  var limitMemory: MemoryValue?

  @Option(parsing: .unconditional, help: ArgumentHelp("Limit the number of processes.", valueName: "count"))
  var limitPids: CountValue?

  @Option(parsing: .unconditional, help: ArgumentHelp("Reserve processors.", valueName: "decimal"))
  var reserveCpu: CPUValue?

  @Option(parsing: .unconditional, help: ArgumentHelp("Reserve memory.", valueName: "bytes"))
  var reserveMemory: MemoryValue?

  @Option(
    name: [.customLong("generic-resource"), .customLong("generic-resource-add")],
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Reserve resources of a kind that nodes name themselves.", valueName: "kind=count")
  )
  var genericResource: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: ArgumentHelp("Reserve none of that kind.", valueName: "kind"))
  var genericResourceRm: [String] = []

  @Option(parsing: .unconditional, help: "When to restart: none, on-failure or any. (default: any)")
  var restartCondition: String?

  @Option(parsing: .unconditional, help: "How long to wait before a restart. (default: 5s)")
  var restartDelay: DurationValue?

  @Option(parsing: .unconditional, help: "How often to restart; 0 is any number.")
  var restartMaxAttempts: CountValue?

  @Option(parsing: .unconditional, help: "The time within which restarts are counted.")
  var restartWindow: DurationValue?

  @Option(parsing: .unconditional, help: "The most tasks on one node; 0 is any number.")
  var replicasMaxPerNode: CountValue?

  func apply(to template: inout Engine.TaskTemplate) throws(CommandFailure) {
    var container = template.containerSpec ?? Engine.ContainerSpec()
    if let entrypoint { container.command = ShellWords.split(entrypoint) }
    if let hostname { container.hostname = hostname }
    if let user { container.user = user }
    if let workdir { container.dir = workdir }
    if let tty { container.tty = tty }
    if let readOnly { container.readOnly = readOnly }
    if let usesInit { container.usesInit = usesInit }
    if let stopSignal { container.stopSignal = stopSignal }
    if let stopGracePeriod { container.stopGracePeriod = stopGracePeriod.nanoseconds }
    template.containerSpec = container
    try self.applyResources(to: &template)
    self.applyRestart(to: &template)
    if let replicasMaxPerNode {
      template.placement = template.placement ?? Engine.Placement()
      template.placement?.maxReplicas = replicasMaxPerNode.count
    }
  }

  private func applyResources(to template: inout Engine.TaskTemplate) throws(CommandFailure) {
    var resources = template.resources ?? Engine.ResourceRequirements()
    if self.limitCpu != nil || self.limitMemory != nil || self.limitPids != nil {
      var limits = resources.limits ?? Engine.ResourceLimits()
      if let limitCpu { limits.nanoCPUs = limitCpu.nanoCPUs }
      if let limitMemory { limits.memoryBytes = limitMemory.bytes }
      if let limitPids { limits.pids = Int64(clamping: limitPids.count) }
      resources.limits = limits
    }
    let changesKinds = !self.genericResource.isEmpty || !self.genericResourceRm.isEmpty
    if self.reserveCpu != nil || self.reserveMemory != nil || changesKinds {
      var reservations = resources.reservations ?? Engine.NodeResources()
      if let reserveCpu { reservations.nanoCPUs = reserveCpu.nanoCPUs }
      if let reserveMemory { reservations.memoryBytes = reserveMemory.bytes }
      if changesKinds {
        reservations.genericResources = try GenericResources.changed(
          reservations.genericResources,
          adding: self.genericResource,
          removing: self.genericResourceRm
        )
      }
      resources.reservations = reservations
    }
    if resources != Engine.ResourceRequirements() { template.resources = resources }
  }

  private func applyRestart(to template: inout Engine.TaskTemplate) {
    var restart = template.restartPolicy ?? Engine.RestartPolicy()
    if let restartCondition { restart.condition = restartCondition }
    if let restartDelay { restart.delay = restartDelay.nanoseconds }
    if let restartMaxAttempts { restart.maxAttempts = restartMaxAttempts.count }
    if let restartWindow { restart.window = restartWindow.nanoseconds }
    if restart != Engine.RestartPolicy() { template.restartPolicy = restart }
  }
}
