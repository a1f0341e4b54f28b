// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

@Suite("Networks, addresses and published ports")
struct AllocationTests {
  private static func ingress(_ target: UInt32, _ published: UInt32 = 0) -> PortConfig {
    PortConfig(targetPort: target, publishedPort: published)
  }

  @Test("a network gets the next free range of the pool, and its first address is the gateway")
  func subnets() throws {
    var swarm = ControlHarness()
    let first = try swarm.addNetwork("a")
    let second = try swarm.addNetwork("b")
    #expect(swarm.store.network(first)?.ipam?.configs.map(\.subnet) == ["10.0.0.0/24"])
    #expect(swarm.store.network(second)?.ipam?.configs.map(\.subnet) == ["10.0.1.0/24"])
    #expect(swarm.store.network(second)?.ipam?.configs.map(\.gateway) == ["10.0.1.1"])
    #expect(swarm.store.network(first)?.driverState?.options.values.map { $0 } == ["4096"])
    #expect(swarm.store.network(second)?.driverState?.options.values.map { $0 } == ["4097"])
    swarm.request([.removeNetwork(first)])
    let third = try swarm.addNetwork("c")
    #expect(swarm.store.network(third)?.ipam?.configs.map(\.subnet) == ["10.0.0.0/24"])
    #expect(swarm.store.network(third)?.driverState?.options.values.map { $0 } == ["4096"])
  }

  @Test("ranges that users choose are kept, and the pool goes around them")
  func chosenSubnets() throws {
    var swarm = ControlHarness()
    _ = try swarm.addNetwork("a", subnet: "10.0.0.128/25")
    let next = try swarm.addNetwork("b")
    #expect(swarm.store.network(next)?.ipam?.configs.map(\.subnet) == ["10.0.1.0/24"])
    for wrong in ["10.0.1.0/28", "10.0.0.0/8", "10.0.0.0", "a/24"] {
      #expect(throws: SwarmError.self) { try swarm.addNetwork("c", subnet: wrong) }
    }
    let v6 = try swarm.addNetwork("v6", subnet: "fd00::/64")
    #expect(swarm.store.network(v6)?.ipam?.configs.map(\.subnet) == ["fd00::/64"])
  }

  @Test("a pool that is used up is told")
  func exhaustedPool() throws {
    var swarm = ControlHarness()
    guard var cluster = swarm.store.cluster else { return }
    cluster.defaultAddressPool = ["192.168.0.0/23"]
    swarm.request([.putCluster(cluster)])
    _ = try swarm.addNetwork("a")
    _ = try swarm.addNetwork("b")
    let error = #expect(throws: SwarmError.self) { try swarm.addNetwork("c") }
    #expect(error?.code == .failedPrecondition)
  }

  @Test("a service has one virtual address per network, and keeps it over updates and leaders")
  func virtualAddresses() throws {
    var swarm = ControlHarness()
    _ = swarm.addNode()
    let network = try swarm.addNetwork("a")
    let other = try swarm.addNetwork("b")
    let first = swarm.create("one") { $0.networks = [NetworkAttachmentConfig(target: network.description)] }
    let second = swarm.create("two") {
      $0.networks = [NetworkAttachmentConfig(target: network.description), NetworkAttachmentConfig(target: other.description)]
    }
    #expect(swarm.addresses(first) == ["10.0.0.2/24"])
    #expect(swarm.addresses(second) == ["10.0.0.3/24", "10.0.1.2/24"])
    #expect(swarm.tasks(first).allSatisfy { $0.endpoint?.virtualIPs.count == 1 })
    swarm.update(second) { $0.task.forceUpdate += 1 }
    swarm.changeLeader()
    #expect(swarm.addresses(second) == ["10.0.0.3/24", "10.0.1.2/24"])
    swarm.update(second) { $0.task.networks = [NetworkAttachmentConfig(target: other.description)] }
    #expect(swarm.addresses(second) == ["10.0.1.2/24"])
    let third = swarm.create("three") { $0.networks = [NetworkAttachmentConfig(target: network.description)] }
    #expect(swarm.addresses(third) == ["10.0.0.3/24"])
    swarm.update(third) { $0.endpoint = EndpointSpec(mode: .dnsrr) }
    #expect(swarm.addresses(third) == [])
  }

  @Test("a swarm begins with the mesh's network, the first of the pool")
  func founding() throws {
    var swarm = ControlHarness()
    swarm.request([try PredefinedNetworks.ingress(in: swarm.store, ids: &swarm.ids)])
    let network = try #require(swarm.store.networks().first)
    #expect(network.spec.annotations.name == "ingress")
    #expect(network.ipam?.configs.map(\.subnet) == ["10.0.0.0/24"])
    let service = swarm.create { $0.endpoint = EndpointSpec(ports: [Self.ingress(80)]) }
    #expect(swarm.addresses(service) == ["10.0.0.2/24"])
  }

  @Test("what a service is attached to is changed with its tasks, or not at all")
  func changedNetworks() throws {
    var swarm = ControlHarness()
    _ = swarm.addNode()
    let attachments = [try swarm.addNetwork("a"), try swarm.addNetwork("b")].map {
      NetworkAttachmentConfig(target: $0.description)
    }
    let service = swarm.create { $0.networks = [attachments[0]] }
    func update(_ configure: (inout ServiceSpec) -> Void) -> String? {
      guard var spec = swarm.store.service(service)?.spec else { return nil }
      configure(&spec)
      return swarm.request([.updateService(service, expected: nil, spec, isRollback: false)]).firstError?.message
    }
    let refusal = "networks must be migrated to TaskSpec before being changed"
    #expect(update { $0.networks = [attachments[1]] } == refusal)
    #expect(update { $0.networks = [] } == refusal)
    #expect(update { ($0.networks, $0.task.networks) = ([], [attachments[0]]) } == nil)
    #expect(update { $0.task.networks = [attachments[1]] } == nil)
    swarm.settle()
    #expect(swarm.addresses(service) == ["10.0.1.2/24"])
    #expect(swarm.wanted(service).allSatisfy { $0.spec.value.networks == [attachments[1]] })
  }

  @Test("O11: what a removed service had is free again")
  func released() throws {
    var swarm = ControlHarness()
    let network = try swarm.addNetwork("a")
    let attachment = [NetworkAttachmentConfig(target: network.description)]
    for _ in 0..<3 {
      let service = swarm.create("web") {
        $0.networks = attachment
        $0.endpoint = EndpointSpec(ports: [Self.ingress(80)])
      }
      #expect(swarm.addresses(service) == ["10.0.0.2/24"])
      #expect(swarm.ports(service) == [30_000])
      #expect(throws: SwarmError.self) { try swarm.ask(.removeNetwork(reference: "a")) }
      swarm.request([.removeService(service)])
      swarm.settle()
    }
    try swarm.ask(.removeNetwork(reference: "a"))
    #expect(swarm.store.networks().isEmpty)
    #expect(swarm.store.publishedPorts.isEmpty)
    #expect(swarm.store.addressesByNetwork.isEmpty)
    #expect(swarm.store.servicesByNetwork.isEmpty)
  }

  @Test("a port published without a number gets the lowest free one from 30000 on, and keeps it")
  func dynamicPorts() {
    var swarm = ControlHarness()
    let first = swarm.create("one") { $0.endpoint = EndpointSpec(ports: [Self.ingress(80), Self.ingress(81)]) }
    let taken = swarm.create("two") { $0.endpoint = EndpointSpec(ports: [Self.ingress(80, 30_002)]) }
    let third = swarm.create("three") { $0.endpoint = EndpointSpec(ports: [Self.ingress(80)]) }
    #expect(swarm.ports(first) == [30_000, 30_001])
    #expect(swarm.ports(taken) == [30_002])
    #expect(swarm.ports(third) == [30_003])
    swarm.update(first) { $0.endpoint = EndpointSpec(ports: [Self.ingress(90), Self.ingress(81)]) }
    #expect(swarm.ports(first) == [30_000, 30_001])
    swarm.update(third) { $0.task.forceUpdate += 1 }
    swarm.changeLeader()
    #expect(swarm.ports(third) == [30_003])
    #expect(swarm.store.service(third)?.spec.endpoint?.ports.map(\.publishedPort) == [0])
  }

  @Test("a number that the cluster chose is as taken as one that a user chose")
  func conflicts() {
    var swarm = ControlHarness()
    _ = swarm.create("one") { $0.endpoint = EndpointSpec(ports: [Self.ingress(80)]) }
    let spec = ServiceSpec(
      annotations: Annotations(name: "two"),
      task: TaskSpec(runtime: .container(ContainerSpec(image: "run"))),
      endpoint: EndpointSpec(ports: [Self.ingress(80, 30_000)])
    )
    let error = #expect(throws: SwarmError.self) { try swarm.ask(.createService(spec)) }
    #expect(error?.message.hasPrefix("port '30000' is already in use by service 'one'") == true)
    #expect(error?.message.hasSuffix("as an ingress port") == true)
  }

  @Test("when all ports are taken a service is refused, and one that lost the race gets a port when one is given back")
  func exhaustedPorts() throws {
    var swarm = ControlHarness()
    let all = swarm.create("all") { spec in
      spec.endpoint = EndpointSpec(ports: EndpointAllocator.dynamicPorts.map { Self.ingress($0 - 20_000, $0) })
    }
    let spec = ServiceSpec(
      annotations: Annotations(name: "late"),
      task: TaskSpec(runtime: .container(ContainerSpec(image: "run"))),
      endpoint: EndpointSpec(ports: [Self.ingress(80)])
    )
    let error = #expect(throws: SwarmError.self) { try swarm.ask(.createService(spec)) }
    #expect(error?.message == "no port between 30000 and 32767 is free")
    let late = swarm.create("late") { $0.endpoint = EndpointSpec(ports: [Self.ingress(80)]) }
    #expect(swarm.ports(late) == [0])
    swarm.request([.removeService(all)])
    swarm.settle()
    #expect(swarm.ports(late) == [30_000])
  }

  @Test("publishing in the mesh works and says that no mesh runs yet; publishing on nodes says nothing")
  func warnings() throws {
    var swarm = ControlHarness()
    func spec(_ name: String, _ mode: PortConfig.PublishMode) -> ServiceSpec {
      ServiceSpec(
        annotations: Annotations(name: name),
        task: TaskSpec(runtime: .container(ContainerSpec(image: "run"))),
        endpoint: EndpointSpec(ports: [PortConfig(targetPort: 80, publishedPort: 8_080, publishMode: mode)])
      )
    }
    guard case .service(_, _, let warnings) = try swarm.ask(.createService(spec("mesh", .ingress))) else { return }
    #expect(warnings.count == 1)
    #expect(warnings.first?.contains("no routing mesh runs yet") == true)
    try swarm.ask(.removeService(reference: "mesh"))
    guard case .service(_, _, let none) = try swarm.ask(.createService(spec("host", .host))) else { return }
    #expect(none == [])
  }

  @Test("services name networks as users type them, and only networks that exist and aren't the mesh's")
  func references() throws {
    var swarm = ControlHarness()
    let network = try swarm.addNetwork("front")
    _ = try swarm.addNetwork("ingress", isIngress: true)
    func spec(_ target: String) -> ServiceSpec {
      ServiceSpec(
        annotations: Annotations(name: "web"),
        task: TaskSpec(runtime: .container(ContainerSpec(image: "run"))),
        networks: [NetworkAttachmentConfig(target: target)]
      )
    }
    let missing = #expect(throws: SwarmError.self) { try swarm.ask(.createService(spec("nope"))) }
    #expect(missing == SwarmError(code: .notFound, message: "network nope not found"))
    let mesh = #expect(throws: SwarmError.self) { try swarm.ask(.createService(spec("ingress"))) }
    #expect(mesh?.message == #"Service cannot be explicitly attached to the ingress network "ingress""#)
    guard case .service(let id, _, _) = try swarm.ask(.createService(spec("front"))) else { return }
    #expect(swarm.store.service(id)?.spec.networks.map(\.target) == [network.description])
    let inUse = #expect(throws: SwarmError.self) { try swarm.ask(.removeNetwork(reference: "front")) }
    #expect(inUse == SwarmError(code: .failedPrecondition, message: "network \(network) is in use by service \(id)"))
    let second = #expect(throws: SwarmError.self) { try swarm.addNetwork("other", isIngress: true) }
    #expect(second?.code == .alreadyExists)
    let name = #expect(throws: SwarmError.self) { try swarm.addNetwork("front") }
    #expect(name?.message == "network with name front already exists")
  }

  @Test("a service that publishes in the mesh has an address on the mesh's network, which stays as long as that")
  func ingressNetwork() throws {
    var swarm = ControlHarness()
    let service = swarm.create { $0.endpoint = EndpointSpec(ports: [Self.ingress(80, 8_080)]) }
    #expect(swarm.addresses(service) == [])
    let ingress = try swarm.addNetwork("ingress", isIngress: true)
    swarm.settle()
    #expect(swarm.addresses(service) == ["10.0.0.2/24"])
    #expect(swarm.store.service(service)?.endpoint?.virtualIPs.map(\.networkID) == [ingress])
    #expect(throws: SwarmError.self) { try swarm.ask(.removeNetwork(reference: "ingress")) }
  }

  @Test("O13: whatever services come and go, no address and no port is given twice", arguments: 0..<4 as Range<UInt64>)
  func unique(seed: UInt64) throws {
    var random = IdentifierGenerator(seed: seed)
    var swarm = ControlHarness(seed: seed)
    let networks = [try swarm.addNetwork("a"), try swarm.addNetwork("b", subnet: "192.168.7.0/28")]
    for step in 0..<120 {
      let services = swarm.store.serviceIDs()
      let attachments = networks.filter { _ in Bool.random(using: &random) }
        .map { NetworkAttachmentConfig(target: $0.description) }
      let ports = (0..<UInt32.random(in: 0...2, using: &random)).map { Self.ingress(80 + $0) }
      switch Int.random(in: 0..<5, using: &random) {
      case 0, 1:
        swarm.create("s\(step)") {
          $0.task.networks = attachments
          $0.endpoint = EndpointSpec(ports: ports)
        }
      case 2:
        if let id = services.randomElement(using: &random) {
          swarm.update(id) {
            $0.task.networks = attachments
            $0.endpoint = EndpointSpec(ports: ports)
          }
        }
      case 3: if let id = services.randomElement(using: &random) { swarm.request([.removeService(id)]) }
      default: swarm.changeLeader(committing: Int.random(in: 0...1, using: &random))
      }
      swarm.settle()
      let endpoints = swarm.store.services().compactMap(\.endpoint)
      let addresses = endpoints.flatMap(\.virtualIPs).map { "\($0.networkID.debugDescription) \($0.addr)" }
      #expect(Set(addresses).count == addresses.count, "seed \(seed), step \(step)")
      let numbers = endpoints.flatMap(\.ports).map(\.publishedPort)
      #expect(Set(numbers).count == numbers.count, "seed \(seed), step \(step)")
      #expect(!numbers.contains(0), "seed \(seed), step \(step)")
      #expect(endpoints.flatMap(\.virtualIPs).allSatisfy { $0.addr != "192.168.7.1/28" }, "the gateway is nobody's")
    }
  }

  @Test("networks survive a snapshot, and so does what is taken of them")
  func snapshot() throws {
    var swarm = ControlHarness()
    let network = try swarm.addNetwork("a")
    _ = swarm.create { $0.networks = [NetworkAttachmentConfig(target: network.description)] }
    let restored = try Store(snapshot: swarm.store.encodeSnapshot())
    #expect(restored.networks() == swarm.store.networks())
    #expect(restored.addressesByNetwork == swarm.store.addressesByNetwork)
    #expect(restored.servicesByNetwork == swarm.store.servicesByNetwork)
    #expect(restored.encodeSnapshot() == swarm.store.encodeSnapshot())
  }
}

extension ControlHarness {
  /// Carries a request out as a leader does.
  @discardableResult
  mutating func ask(_ request: ControlRequest) throws(SwarmError) -> ControlResponse {
    let changes = try ControlRequest.changes(for: request, in: self.control.view, now: self.time, ids: &self.ids)
    let response = request.response(to: self.request(changes).outcome)
    self.settle()
    if case .failure(let error) = response { throw error }
    return response
  }

  mutating func addNetwork(
    _ name: String,
    driver: String? = nil,
    subnet: String? = nil,
    isIngress: Bool = false
  ) throws(SwarmError) -> NetworkID {
    try self.addNetwork(name, driver: driver, subnet.map { [IPAMConfig(subnet: $0)] } ?? [], isIngress: isIngress)
  }

  mutating func addNetwork(
    _ name: String,
    driver: String? = nil,
    _ ranges: [IPAMConfig],
    isIngress: Bool = false
  ) throws(SwarmError) -> NetworkID {
    let spec = NetworkSpec(
      annotations: Annotations(name: name),
      driverConfig: driver.map { Driver(name: $0) },
      ipam: IPAMOptions(configs: ranges),
      ingress: isIngress
    )
    guard case .object(let id, _) = try self.ask(.createNetwork(spec)), let network = NetworkID(id) else { return NetworkID() }
    return network
  }

  func addresses(_ service: ServiceID) -> [String] { self.store.service(service)?.endpoint?.virtualIPs.map(\.addr) ?? [] }

  func ports(_ service: ServiceID) -> [UInt32] { self.store.service(service)?.endpoint?.ports.map(\.publishedPort) ?? [] }
}
