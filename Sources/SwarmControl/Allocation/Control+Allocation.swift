// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// The services whose endpoint has to be looked at.
struct AllocationQueue: Sendable {
  private var due: Set<ServiceID> = []
  /// Services that couldn't get all they need; tried again when something is given back.
  private var blocked: Set<ServiceID> = []

  init() {}

  /// The service is new, or its specification or endpoint changed.
  mutating func changed(_ service: Service) {
    // Most services publish nothing; they are done with before they begin.
    guard service.needsAllocation else { return }
    self.due.insert(service.id)
  }

  /// Something may be free that wasn't.
  mutating func freed() {
    self.due.formUnion(self.blocked)
    self.blocked = []
  }

  mutating func isBlocked(_ service: ServiceID) { self.blocked.insert(service) }

  /// Takes the services to look at, sorted.
  mutating func take() -> [ServiceID] {
    defer { self.due = [] }
    return self.due.sorted()
  }
}

extension Control {
  /// A network came or went: looks again at services that wait for something, and at those that publish in the mesh, whose network may be the new one.
  mutating func networksChanged() {
    self.allocations.freed()
    self.scheduler.networkPlugins = self.view.networkPlugins
    for service in self.view.services() where service.spec.publishesInMesh { self.allocations.changed(service) }
  }

  /// Gives services the ports and addresses that they need, before their tasks are made.
  ///
  /// A service that can't get all it needs goes on without, and is tried again when something is given back; users were told when they asked.
  mutating func planAllocations() {
    for id in self.allocations.take() {
      guard let service = self.view.service(id) else { continue }
      let (endpoint, shortage) = EndpointAllocator.endpoint(of: service, in: self.view)
      if endpoint != service.endpoint {
        self.draftChanges([.allocate(id, specVersion: service.specVersion, endpoint)])
      }
      if shortage != nil { self.allocations.isBlocked(id) }
    }
  }
}

extension Service {
  /// Whether there is, or was, anything that the cluster has to choose.
  fileprivate var needsAllocation: Bool {
    self.spec.publishesInMesh || !self.spec.networkIDs.isEmpty || self.endpoint?.virtualIPs.isEmpty == false
  }
}

extension ServiceSpec {
  /// Whether the mesh is to carry ports of the service.
  var publishesInMesh: Bool { self.endpoint?.ports.contains { $0.publishMode == .ingress } == true }

  /// The networks that the service's tasks are attached to.
  var networkIDs: [NetworkID] { self.attachments.compactMap { NetworkID($0.target) } }
}
