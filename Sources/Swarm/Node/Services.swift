// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
public import SwarmModel

/// A swarm's services, seen through one of its managers.
///
/// Reads are linearizable: they see every write that was acknowledged before. Every call throws ``SwarmError``; on a node that
/// isn't a manager with code `notManager` or `notInSwarm`.
public struct Services: Sendable {
  let node: SwarmNode

  /// Creates a service.
  ///
  /// - Returns: the new service's id, and what the swarm wants to tell about the specification.
  @discardableResult
  public func create(_ spec: ServiceSpec) async throws -> CreatedService {
    let (id, warnings) = try await self.submit(.createService(spec))
    return CreatedService(id: id, warnings: warnings)
  }

  /// The service of a full id, a name, or the beginning of an id.
  public func get(_ reference: String) async throws -> SwarmModel.Service {
    try await self.node.manager().read().resolveService(reference)
  }

  /// All services, sorted by id.
  public func list() async throws -> [SwarmModel.Service] {
    try await self.node.manager().read().services()
  }

  /// Replaces a service's specification, or, with `rollback`, goes back to the previous one (then `spec` is ignored).
  ///
  /// - Parameter version: the version index that the caller read; another write in between makes the call fail with code `outOfSequence`.
  /// - Returns: warnings.
  @discardableResult
  public func update(
    _ id: ServiceID,
    version: UInt64,
    spec: ServiceSpec,
    rollback: Bool = false
  ) async throws -> [String] {
    try await self.submit(
      .updateService(reference: id.description, version: version, spec: spec, rollback: rollback)
    ).warnings
  }

  /// Removes a service; its tasks are stopped.
  public func remove(_ reference: String) async throws {
    _ = try await self.node.manager().submit(.removeService(reference: reference))
  }

  /// Replaces all tasks of a service as an update does, or runs a job again.
  public func restart(_ reference: String) async throws {
    _ = try await self.submit(.restartService(reference: reference))
  }

  /// Takes a service's tasks away until it is started again; its specification stays as it is.
  public func stop(_ reference: String) async throws {
    _ = try await self.submit(.stopService(reference: reference, isStopped: true))
  }

  /// Lets a stopped service have its tasks again.
  public func start(_ reference: String) async throws {
    _ = try await self.submit(.stopService(reference: reference, isStopped: false))
  }

  /// How many tasks run of each service, and how many should.
  public func statuses() async throws -> [ServiceID: ServiceStatus] {
    let store = try await self.node.manager().read()
    var statuses: [ServiceID: ServiceStatus] = [:]
    for service in store.services() {
      statuses[service.id] = ServiceStatus(of: service, tasks: store.tasks(of: service.id))
    }
    return statuses
  }

  private func submit(_ request: ControlRequest) async throws -> (id: ServiceID, warnings: [String]) {
    guard case .service(let id, _, let warnings) = try await self.node.manager().submit(request) else {
      throw SwarmError(code: .internalError, message: "the leader gave an answer that doesn't fit the request")
    }
    return (id, warnings)
  }
}

/// The answer to a service's creation.
public struct CreatedService: Sendable, Hashable {
  /// The new service's id.
  public var id: ServiceID
  /// What the swarm wants to tell about the specification.
  public var warnings: [String]

  /// Creates a value.
  public init(id: ServiceID, warnings: [String] = []) {
    self.id = id
    self.warnings = warnings
  }
}

/// How far a service is from what is wanted of it.
public struct ServiceStatus: Sendable, Hashable {
  /// Tasks that run now.
  public var running: UInt64
  /// Tasks that should run.
  public var desired: UInt64
  /// Tasks that ran to their end; for jobs.
  public var completed: UInt64

  /// Creates a value.
  public init(running: UInt64 = 0, desired: UInt64 = 0, completed: UInt64 = 0) {
    self.running = running
    self.desired = desired
    self.completed = completed
  }

  /// Counts as docker does: a replicated service wants its replicas, a global one the tasks that should run.
  init(of service: SwarmModel.Service, tasks: [SwarmTask]) {
    self.init()
    for task in tasks {
      // Of a job only the current run counts.
      guard task.jobIteration == service.jobStatus?.jobIteration else { continue }
      if task.desiredState <= .complete {
        if task.status.state == .running { self.running += 1 }
        // Clients add those of a global job that have completed themselves.
        if service.spec.mode.isGlobal, task.status.state != .complete { self.desired += 1 }
      }
      if task.status.state == .complete { self.completed += 1 }
    }
    guard !service.isStopped else {
      self.desired = 0
      return
    }
    switch service.spec.mode {
    case .replicated(let replicas): self.desired = replicas
    case .replicatedJob(let maxConcurrent, _): self.desired = maxConcurrent
    case .global, .globalJob: break
    }
  }
}
