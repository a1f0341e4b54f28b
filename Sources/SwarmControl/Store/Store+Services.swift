// SPDX-License-Identifier: Apache-2.0
internal import HashTreeCollections
internal import SwarmModel

extension Store {
  mutating func create(_ service: Service, _ application: inout Application) throws(SwarmError) {
    self.put(try self.created(service, application), &application)
  }

  /// A new service as it will be stored.
  func created(_ service: Service, _ application: Application) throws(SwarmError) -> Service {
    guard self.servicesByID[service.id] == nil else {
      throw SwarmError(code: .alreadyExists, message: "service \(service.id) already exists")
    }
    let name = service.spec.annotations.name
    guard self.servicesByName[Self.nameKey(name)] == nil else {
      throw SwarmError(
        code: .alreadyExists,
        message: "name conflicts with an existing object: service \(name) already exists"
      )
    }
    try self.checkReferences(of: service.spec)
    try self.checkNetworks(of: service.spec)
    var new = service
    new.specVersion = application.version
    new.previousSpec = nil
    new.previousSpecVersion = nil
    new.updateStatus = nil
    new.endpoint = Endpoint(following: new.spec, after: nil)
    try self.checkPorts(of: new)
    new.isStopped = false
    // A job with a schedule waits for its first moment.
    new.jobStatus = new.spec.mode.isJob ? JobStatus(lastExecution: new.spec.schedule == nil ? application.time : nil) : nil
    return new
  }

  /// Replaces a specification and keeps the replaced one for a rollback; a rollback takes the kept one.
  mutating func updateService(
    _ id: ServiceID,
    expected: Version?,
    _ spec: ServiceSpec,
    isRollback: Bool,
    _ application: inout Application
  ) throws(SwarmError) {
    guard let old = self.service(id) else { throw Self.notFound("service", id) }
    try Self.check(expected, against: old.meta)
    var new = old
    if isRollback {
      guard spec == old.spec else {
        throw SwarmError(code: .aborted, message: "what is to be rolled back is not the specification of service \(id) any more")
      }
      guard let previous = old.previousSpec else {
        throw SwarmError(
          code: .failedPrecondition,
          message: "service \(id) does not have a previous spec"
        )
      }
      new.spec = previous
      // Who asks for a rollback names a version, and can change his mind; the updater doesn't, and what failed is nothing to go back to.
      new.previousSpec = expected == nil ? nil : old.spec
      new.previousSpecVersion = expected == nil ? nil : old.specVersion
      new.updateStatus = UpdateStatus(
        state: .rollbackStarted,
        startedAt: application.time,
        message: "manually requested rollback"
      )
    } else {
      guard Self.nameKey(spec.annotations.name) == Self.nameKey(old.spec.annotations.name) else {
        throw SwarmError(code: .unimplemented, message: "renaming services is not supported")
      }
      guard spec.mode.isSameKind(as: old.spec.mode) else {
        throw SwarmError(code: .unimplemented, message: "service mode change is not allowed")
      }
      // What a task is attached to belongs to its own specification, for a change of it replaces tasks; what stands beside it can only move there.
      guard spec.networks == old.spec.networks || spec.networks.isEmpty && !spec.task.networks.isEmpty else {
        throw SwarmError(code: .unimplemented, message: "networks must be migrated to TaskSpec before being changed")
      }
      // A rollback isn't asked: a specification whose secret is gone is as bad as one whose image is.
      try self.checkReferences(of: spec)
      try self.checkNetworks(of: spec)
      new.spec = spec
      new.previousSpec = old.spec
      new.previousSpecVersion = old.specVersion
      // In the same write: clients that wait for the update would take a left-over "completed" for the answer.
      new.updateStatus = nil
    }
    new.specVersion = application.version
    if new.spec.endpoint != old.spec.endpoint {
      new.endpoint = Endpoint(following: new.spec, after: old.endpoint)
    }
    try self.checkPorts(of: new)
    // With a schedule, a changed specification waits for the next moment unless it says that it is to run.
    if new.spec.mode.isJob, new.spec.schedule == nil || new.spec.task.forceUpdate != old.spec.task.forceUpdate {
      let iteration = old.jobStatus?.jobIteration.index ?? 0
      new.jobStatus = JobStatus(jobIteration: Version(index: iteration + 1), lastExecution: application.time)
    }
    self.put(new, &application)
  }

  mutating func runJob(_ id: ServiceID, iteration: Version, _ application: inout Application) throws(SwarmError) {
    guard var service = self.service(id) else { throw Self.notFound("service", id) }
    guard let status = service.jobStatus, status.jobIteration == iteration else {
      throw SwarmError(code: .aborted, message: "job \(id) began another run meanwhile")
    }
    service.jobStatus = JobStatus(jobIteration: Version(index: iteration.index + 1), lastExecution: application.time)
    self.put(service, &application)
  }

  mutating func stopService(_ id: ServiceID, isStopped: Bool, _ application: inout Application) throws(SwarmError) {
    guard var service = self.service(id) else { throw Self.notFound("service", id) }
    guard service.isStopped != isStopped else { return }
    service.isStopped = isStopped
    self.put(service, &application)
  }

  mutating func setUpdateStatus(
    of id: ServiceID,
    specVersion: Version?,
    to status: UpdateStatus?,
    _ application: inout Application
  ) throws(SwarmError) {
    guard var service = self.service(id) else { throw Self.notFound("service", id) }
    // How far the update before was is nothing that clients who wait for this one should read.
    if let specVersion, service.specVersion != specVersion, service.specVersion.index != application.version.index {
      throw SwarmError(code: .aborted, message: "the specification of service \(id) changed meanwhile")
    }
    guard service.updateStatus != status else { return }
    service.updateStatus = status
    self.put(service, &application)
  }

  mutating func removeService(_ id: ServiceID, _ application: inout Application) throws(SwarmError) {
    guard let service = self.servicesByID[id] else { throw Self.notFound("service", id) }
    self.remove(service, &application)
  }

  /// Refuses a port that another service has.
  ///
  /// In the routing mesh a port belongs to one service, and a port that is open on nodes can't be in the mesh as well. Several services
  /// may publish the same port on nodes; the scheduler keeps them apart.
  func checkPorts(of service: Service) throws(SwarmError) {
    for (port, mode) in service.takenPorts {
      let others = (self.publishedPorts[port] ?? [:])
        .filter { $0.key != service.id && ($0.value == .ingress || mode == .ingress) }
        .sorted { $0.key < $1.key }
      guard let (id, otherMode) = others.first else { continue }
      let name = self.service(id)?.spec.annotations.name ?? ""
      let kind = otherMode == .ingress ? "as an ingress port" : "as a host-published port"
      throw SwarmError(
        code: .invalidArgument,
        message: "port '\(port.number)' is already in use by service '\(name)' (\(id)) \(kind)"
      )
    }
  }
}

extension Endpoint {
  /// The endpoint of a service as far as its specification tells; numbers that the cluster chooses are filled in by allocation.
  ///
  /// Numbers that were chosen before stay, for the allocation that follows.
  fileprivate init(following spec: ServiceSpec, after old: Endpoint?) {
    self.init(spec: spec.endpoint ?? EndpointSpec(), ports: spec.endpoint?.ports ?? [])
    self.virtualIPs = old?.virtualIPs ?? []
    for index in self.ports.indices where self.ports[index].publishedPort == 0 && self.ports[index].publishMode == .ingress {
      let port = self.ports[index]
      let known = old?.ports.first {
        $0.protocol == port.protocol && $0.targetPort == port.targetPort && $0.publishMode == port.publishMode
      }
      guard let number = known?.publishedPort, !self.ports.contains(where: { $0.publishedPort == number }) else { continue }
      self.ports[index].publishedPort = number
    }
  }
}
