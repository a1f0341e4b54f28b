// SPDX-License-Identifier: Apache-2.0

/// A number of like tasks that the cluster keeps running.
public struct Service: Sendable, Hashable {
  /// The service's id.
  public var id: ServiceID
  /// Version and times of the object.
  public var meta: Meta
  /// What the operator wants of the service.
  public var spec: ServiceSpec
  /// How the service is reached, as it was allocated.
  public var endpoint: Endpoint?
  /// How far the update is; `nil` when there was none since the last change of the specification.
  public var updateStatus: UpdateStatus?
  /// The specification that a rollback goes back to; one level.
  public var previousSpec: ServiceSpec?
  /// The version of the change that set ``spec``.
  public var specVersion: Version
  /// The version of the change that had set ``previousSpec``.
  public var previousSpecVersion: Version?
  /// The current run, for jobs.
  public var jobStatus: JobStatus?
  /// Whether the service goes away once its tasks are gone.
  public var pendingDelete: Bool
  /// Whether the service has no tasks until it is started again, whatever its specification says. (Not in SwarmKit.)
  public var isStopped: Bool
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    id: ServiceID = ServiceID(),
    meta: Meta = Meta(),
    spec: ServiceSpec = ServiceSpec(),
    endpoint: Endpoint? = nil,
    updateStatus: UpdateStatus? = nil,
    previousSpec: ServiceSpec? = nil,
    specVersion: Version = .zero,
    previousSpecVersion: Version? = nil,
    jobStatus: JobStatus? = nil,
    pendingDelete: Bool = false,
    isStopped: Bool = false,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.id = id
    self.meta = meta
    self.spec = spec
    self.endpoint = endpoint
    self.updateStatus = updateStatus
    self.previousSpec = previousSpec
    self.specVersion = specVersion
    self.previousSpecVersion = previousSpecVersion
    self.jobStatus = jobStatus
    self.pendingDelete = pendingDelete
    self.isStopped = isStopped
    self.unknownFields = unknownFields
  }
}
