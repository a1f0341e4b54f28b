// SPDX-License-Identifier: Apache-2.0

/// What the operator wants of a service.
public struct ServiceSpec: Sendable, Hashable {
  /// The service's name and labels.
  public var annotations: Annotations
  /// What each task is.
  public var task: TaskSpec
  /// How many tasks there are and where.
  public var mode: ServiceMode
  /// How updates are carried out; `nil` means the defaults.
  public var update: UpdateConfig?
  /// How rollbacks are carried out; `nil` means the defaults.
  public var rollback: UpdateConfig?
  /// Networks of the tasks; superseded by ``TaskSpec/networks``.
  public var networks: [NetworkAttachmentConfig]
  /// How the service is reached.
  public var endpoint: EndpointSpec?
  /// Services that have to be there before this one begins. (Not in SwarmKit.)
  public var dependencies: [ServiceDependency]
  /// When a job runs again by itself. (Not in SwarmKit.)
  public var schedule: JobSchedule?
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    annotations: Annotations = Annotations(),
    task: TaskSpec = TaskSpec(),
    mode: ServiceMode = .replicated(replicas: 1),
    update: UpdateConfig? = nil,
    rollback: UpdateConfig? = nil,
    networks: [NetworkAttachmentConfig] = [],
    endpoint: EndpointSpec? = nil,
    dependencies: [ServiceDependency] = [],
    schedule: JobSchedule? = nil,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.annotations = annotations
    self.task = task
    self.mode = mode
    self.update = update
    self.rollback = rollback
    self.networks = networks
    self.endpoint = endpoint
    self.dependencies = dependencies
    self.schedule = schedule
    self.unknownFields = unknownFields
  }
}

extension ServiceSpec {
  /// What the service's tasks are attached to.
  package var attachments: [NetworkAttachmentConfig] { self.task.attachments(in: self) }
}

extension TaskSpec {
  /// What a task of a service is attached to: what its own specification says comes first, as in SwarmKit.
  package func attachments(in service: ServiceSpec?) -> [NetworkAttachmentConfig] {
    self.networks.isEmpty ? service?.networks ?? [] : self.networks
  }
}
