// SPDX-License-Identifier: Apache-2.0

internal import HashTreeCollections
internal import SwarmModel

/// Works out what a service's endpoint is: published ports with their numbers, and a virtual address per network.
///
/// What the service already has it keeps as long as that still fits, so an update moves nothing.
enum EndpointAllocator {
  /// Where ports come from that are published in the mesh without a number of their own (SwarmKit's range).
  static var dynamicPorts: ClosedRange<UInt32> { 30_000...32_767 }

  /// The endpoint that the service should have, beside what other services have.
  ///
  /// - Returns: The endpoint, and what is missing of it because ports or addresses are used up.
  static func endpoint(of service: Service, in store: Store) -> (endpoint: Endpoint, shortage: SwarmError?) {
    let spec = service.spec.endpoint ?? EndpointSpec()
    var endpoint = Endpoint(spec: spec, ports: spec.ports)
    var shortage: SwarmError?
    let known = service.endpoint ?? Endpoint()
    for index in endpoint.ports.indices where endpoint.ports[index].needsNumber {
      let port = endpoint.ports[index]
      if let number = Self.port(for: port, known: known, taken: endpoint.ports, service.id, store) {
        endpoint.ports[index].publishedPort = number
      } else {
        shortage = SwarmError(code: .failedPrecondition, message: "no port between 30000 and 32767 is free")
      }
    }
    guard spec.mode == .vip else { return (endpoint, shortage) }
    for id in Self.networks(of: service, in: store) {
      guard let network = store.network(id) else { continue }
      let pools = network.addressPools
      guard !pools.isEmpty else { continue }
      if let address = Self.address(out: pools, of: id, known: known, service.id, store) {
        endpoint.virtualIPs.append(Endpoint.VirtualIP(networkID: id, addr: address))
      } else {
        let name = network.spec.annotations.name
        let ranges = pools.map { "\($0.range)" }.joined(separator: ", ")
        shortage = SwarmError(code: .failedPrecondition, message: "network \(name) has no free address in \(ranges)")
      }
    }
    return (endpoint, shortage)
  }

  /// The networks on which the service has an address, in the order of its specification.
  private static func networks(of service: Service, in store: Store) -> [NetworkID] {
    var ids: [NetworkID] = []
    for id in service.spec.networkIDs where !ids.contains(id) { ids.append(id) }
    guard service.spec.publishesInMesh else { return ids }
    // The mesh reaches the service on a network of its own.
    if let ingress = store.ingressNetwork, !ids.contains(ingress) { ids.append(ingress) }
    return ids
  }

  private static func port(
    for port: PortConfig,
    known: Endpoint,
    taken: [PortConfig],
    _ service: ServiceID,
    _ store: Store
  ) -> UInt32? {
    func isFree(_ number: UInt32) -> Bool {
      let users = store.publishedPorts[PublishedPort(number: number, kind: port.protocol)] ?? [:]
      return users.allSatisfy { $0.key == service }
        && !taken.contains { $0.protocol == port.protocol && $0.publishedPort == number }
    }
    let before = known.ports.first { $0.publishedPort > 0 && $0.isSame(as: port) }
    if let before, isFree(before.publishedPort) { return before.publishedPort }
    return Self.dynamicPorts.first(where: isFree)
  }

  /// An address on a network, with the length of its subnet.
  private static func address(
    out pools: [AddressPool],
    of network: NetworkID,
    known: Endpoint,
    _ service: ServiceID,
    _ store: Store
  ) -> String? {
    let taken = store.addressesByNetwork[network] ?? [:]
    let before = known.virtualIPs.first { $0.networkID == network }.flatMap { Subnet.address($0.addr) }
    if let before, taken[before] ?? service == service, let pool = pools.first(where: { $0.contains(before) }) {
      return pool.subnet.text(before)
    }
    return pools.lazy.compactMap { pool in pool.first { taken[$0] != nil }.map(pool.subnet.text) }.first
  }
}

extension PortConfig {
  /// Whether the cluster has to choose the number; on nodes the node does.
  fileprivate var needsNumber: Bool { self.publishedPort == 0 && self.publishMode == .ingress }

  /// Whether both publish the same port of the tasks, the number aside.
  fileprivate func isSame(as other: PortConfig) -> Bool {
    self.protocol == other.protocol && self.targetPort == other.targetPort && self.publishMode == other.publishMode
  }
}
