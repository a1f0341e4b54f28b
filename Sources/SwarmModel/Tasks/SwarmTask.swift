// SPDX-License-Identifier: Apache-2.0

/// One run of a service's workload; it has one node for life and is never started twice.
public struct SwarmTask: Sendable, Hashable {
  /// The task's id.
  public var id: TaskID
  /// Version and times of the object.
  public var meta: Meta
  /// What the task is, shared between all tasks of a service and specification.
  public var spec: TaskSpecBox
  /// The service; `nil` for a task without one.
  public var serviceID: ServiceID?
  /// The slot, from 1; 0 for tasks of global services.
  public var slot: UInt64
  /// The node; `nil` until assigned, but a task of a global service is for its node from the start and waits there, `pending`, until it has room.
  public var nodeID: NodeID?
  /// The task's own (usually empty) name and labels.
  public var annotations: Annotations {
    get { self.particulars.value.annotations }
    set {
      // Who reads or writes fields sets all of them, to what they are mostly.
      guard newValue != self.particulars.value.annotations else { return }
      self.particulars = self.particulars.changing { $0.annotations = newValue }
    }
  }
  /// The service's name and labels when the task was created.
  public var serviceAnnotations: Annotations {
    get { self.particulars.value.serviceAnnotations }
    set {
      guard newValue != self.particulars.value.serviceAnnotations else { return }
      self.particulars = self.particulars.changing { $0.serviceAnnotations = newValue }
    }
  }
  /// How far the task is.
  public var status: TaskStatus
  /// How far the managers want the task to get.
  public var desiredState: TaskState
  /// The task's attachments to networks.
  public var networks: [NetworkAttachment] {
    get { self.particulars.value.networks }
    set {
      guard newValue != self.particulars.value.networks else { return }
      self.particulars = self.particulars.changing { $0.networks = newValue }
    }
  }
  /// How the service was reached when the task was created.
  public var endpoint: Endpoint? {
    get { self.particulars.value.endpoint }
    set {
      guard newValue != self.particulars.value.endpoint else { return }
      self.particulars = self.particulars.changing { $0.endpoint = newValue }
    }
  }
  /// Where the task's output goes.
  public var logDriver: Driver? {
    get { self.particulars.value.logDriver }
    set {
      guard newValue != self.particulars.value.logDriver else { return }
      self.particulars = self.particulars.changing { $0.logDriver = newValue }
    }
  }
  /// The service's ``Service/specVersion`` that the task follows.
  public var specVersion: Version
  /// Which of the node's own resources the task holds.
  public var assignedGenericResources: [GenericResource] {
    get { self.particulars.value.assignedGenericResources }
    set {
      guard newValue != self.particulars.value.assignedGenericResources else { return }
      self.particulars = self.particulars.changing { $0.assignedGenericResources = newValue }
    }
  }
  /// The run of the job that the task belongs to.
  public var jobIteration: Version? {
    get { self.particulars.value.jobIteration }
    set {
      guard newValue != self.particulars.value.jobIteration else { return }
      self.particulars = self.particulars.changing { $0.jobIteration = newValue }
    }
  }
  /// Cluster volumes that the task uses.
  public var volumes: [VolumeAttachment] {
    get { self.particulars.value.volumes }
    set {
      guard newValue != self.particulars.value.volumes else { return }
      self.particulars = self.particulars.changing { $0.volumes = newValue }
    }
  }
  /// When a task held in desired state `ready` is to be started (end of the restart delay).
  public var startAt: Timestamp?
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields {
    get { self.particulars.value.unknownFields }
    set {
      guard newValue != self.particulars.value.unknownFields else { return }
      self.particulars = self.particulars.changing { $0.unknownFields = newValue }
    }
  }

  /// What tasks of a service have in common, most of it empty.
  private var particulars: SharedBox<Particulars>

  private struct Particulars: Sendable, Hashable {
    var annotations: Annotations
    var serviceAnnotations: Annotations
    var networks: [NetworkAttachment]
    var endpoint: Endpoint?
    var logDriver: Driver?
    var assignedGenericResources: [GenericResource]
    var jobIteration: Version?
    var volumes: [VolumeAttachment]
    var unknownFields: UnknownFields
  }

  /// Creates a value; what is left out has the default value.
  public init(
    id: TaskID = TaskID(),
    meta: Meta = Meta(),
    spec: TaskSpecBox = .empty,
    serviceID: ServiceID? = nil,
    slot: UInt64 = 0,
    nodeID: NodeID? = nil,
    annotations: Annotations = Annotations(),
    serviceAnnotations: Annotations = Annotations(),
    status: TaskStatus = TaskStatus(),
    desiredState: TaskState = .new,
    networks: [NetworkAttachment] = [],
    endpoint: Endpoint? = nil,
    logDriver: Driver? = nil,
    specVersion: Version = .zero,
    assignedGenericResources: [GenericResource] = [],
    jobIteration: Version? = nil,
    volumes: [VolumeAttachment] = [],
    startAt: Timestamp? = nil,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.id = id
    self.meta = meta
    self.spec = spec
    self.serviceID = serviceID
    self.slot = slot
    self.nodeID = nodeID
    self.status = status
    self.desiredState = desiredState
    self.specVersion = specVersion
    self.startAt = startAt
    self.particulars = SharedBox(
      Particulars(
        annotations: annotations,
        serviceAnnotations: serviceAnnotations,
        networks: networks,
        endpoint: endpoint,
        logDriver: logDriver,
        assignedGenericResources: assignedGenericResources,
        jobIteration: jobIteration,
        volumes: volumes,
        unknownFields: unknownFields
      )
    )
  }
}
