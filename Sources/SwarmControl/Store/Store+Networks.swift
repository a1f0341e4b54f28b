// SPDX-License-Identifier: Apache-2.0

internal import HashTreeCollections
internal import SwarmModel

extension Store {
  mutating func create(_ network: Network, _ application: inout Application) throws(SwarmError) {
    let name = network.spec.annotations.name
    guard self.networksByID[network.id] == nil, self.networksByName[Self.nameKey(name)] == nil else {
      throw SwarmError(code: .alreadyExists, message: "network with name \(name) already exists")
    }
    if network.spec.ingress, let id = self.ingressNetwork {
      throw SwarmError(code: .alreadyExists, message: "ingress network (\(id)) is already present")
    }
    // The leader chose a free range; another network may have come in between.
    let taken = self.networks().flatMap(\.subnets)
    for subnet in network.subnets where taken.contains(where: subnet.overlaps) {
      throw SwarmError(code: .aborted, message: "the range \(subnet) was taken by another network just now: try again")
    }
    var new = network
    new.meta = application.meta(replacing: nil)
    let box = Stored(new)
    application.changes.networks.append(ObjectChange(old: nil, new: box, by: application))
    self.insert(box)
  }

  mutating func removeNetwork(_ id: NetworkID, _ application: inout Application) throws(SwarmError) {
    guard let network = self.networksByID[id] else { throw Self.notFound("network", id) }
    guard !network.value.isPredefined else {
      throw SwarmError(
        code: .failedPrecondition,
        message: "\(network.value.spec.annotations.name) is a pre-defined network and cannot be removed"
      )
    }
    if let user = (self.servicesByNetwork[id] ?? []).min() {
      throw SwarmError(code: .failedPrecondition, message: "network \(id) is in use by service \(user)")
    }
    if network.value.spec.ingress, let user = self.services().first(where: \.spec.publishesInMesh) {
      throw SwarmError(
        code: .failedPrecondition,
        message: "ingress network cannot be removed because service \(user.id) depends on it"
      )
    }
    self.delete(network)
    application.changes.networks.append(ObjectChange(old: network, new: nil, by: application))
  }

  /// Stores what was chosen for a service, unless somebody else has it meanwhile.
  mutating func allocate(
    _ id: ServiceID,
    specVersion: Version,
    _ endpoint: Endpoint,
    _ application: inout Application
  ) throws(SwarmError) {
    guard var service = self.service(id) else { throw Self.notFound("service", id) }
    guard service.specVersion == specVersion else {
      throw SwarmError(code: .aborted, message: "the specification of service \(id) changed before it got its endpoint")
    }
    for virtual in endpoint.virtualIPs {
      guard let network = virtual.networkID, let address = Subnet.address(virtual.addr) else { continue }
      guard let owner = self.addressesByNetwork[network]?[address], owner != id else { continue }
      throw SwarmError(code: .aborted, message: "the address \(virtual.addr) was given to service \(owner)")
    }
    service.endpoint = endpoint
    try self.checkPorts(of: service)
    self.put(service, &application)
  }

  /// The network of the routing mesh.
  var ingressNetwork: NetworkID? {
    self.networksByID.values.lazy.filter { $0.value.spec.ingress }.map { $0.value.id }.min()
  }

  /// Refuses a specification with networks that don't exist.
  func checkNetworks(of spec: ServiceSpec) throws(SwarmError) {
    for attachment in spec.networks + spec.task.networks {
      guard let network = NetworkID(attachment.target).flatMap({ self.network($0) }) else {
        throw Self.notFound("network", attachment.target)
      }
      guard !network.spec.ingress else {
        throw SwarmError(
          code: .invalidArgument,
          message: "Service cannot be explicitly attached to the ingress network \"\(network.spec.annotations.name)\""
        )
      }
    }
  }

  mutating func insert(_ network: Stored<Network>) {
    self.networksByID[network.value.id] = network
    self.networksByName[Self.nameKey(network.value.spec.annotations.name)] = network.value.id
  }

  mutating func delete(_ network: Stored<Network>) {
    self.networksByID[network.value.id] = nil
    self.networksByName[Self.nameKey(network.value.spec.annotations.name)] = nil
  }

  /// Keeps track of what services have of networks.
  mutating func indexNetworks(of service: Service) {
    for network in service.spec.networkIDs { self.servicesByNetwork[network, default: []].insert(service.id) }
    for (network, address) in service.takenAddresses { self.addressesByNetwork[network, default: [:]][address] = service.id }
  }

  mutating func unindexNetworks(of service: Service) {
    for network in service.spec.networkIDs { self.servicesByNetwork.remove(service.id, from: network) }
    for (network, address) in service.takenAddresses {
      guard self.addressesByNetwork[network]?[address] == service.id else { continue }
      self.addressesByNetwork[network]?[address] = nil
      if self.addressesByNetwork[network]?.isEmpty == true { self.addressesByNetwork[network] = nil }
    }
  }
}

extension Service {
  fileprivate var takenAddresses: [(NetworkID, UInt32)] {
    (self.endpoint?.virtualIPs ?? []).compactMap { virtual in
      guard let network = virtual.networkID, let address = Subnet.address(virtual.addr) else { return nil }
      return (network, address)
    }
  }
}
