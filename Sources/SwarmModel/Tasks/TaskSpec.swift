// SPDX-License-Identifier: Apache-2.0

/// What a task is.
public struct TaskSpec: Sendable, Hashable {
  /// What runs.
  public var runtime: TaskRuntime
  /// What the task reserves and may use.
  public var resources: ResourceRequirements?
  /// Whether and when the task is replaced when it ends; `nil` means the defaults.
  public var restart: RestartPolicy?
  /// Where the task may go.
  public var placement: Placement?
  /// Where the task's output goes.
  public var logDriver: Driver?
  /// Networks that the task is attached to.
  public var networks: [NetworkAttachmentConfig]
  /// A counter; raising it replaces all tasks although nothing else changed.
  public var forceUpdate: UInt64
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    runtime: TaskRuntime = .container(ContainerSpec()),
    resources: ResourceRequirements? = nil,
    restart: RestartPolicy? = nil,
    placement: Placement? = nil,
    logDriver: Driver? = nil,
    networks: [NetworkAttachmentConfig] = [],
    forceUpdate: UInt64 = 0,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.runtime = runtime
    self.resources = resources
    self.restart = restart
    self.placement = placement
    self.logDriver = logDriver
    self.networks = networks
    self.forceUpdate = forceUpdate
    self.unknownFields = unknownFields
  }
}
