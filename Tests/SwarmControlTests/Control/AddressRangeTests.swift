// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

@Suite("The part of a network that addresses come from")
struct AddressRangeTests {
  private static func spec(_ name: String, on network: String) -> ServiceSpec {
    ServiceSpec(
      annotations: Annotations(name: name),
      task: TaskSpec(
        runtime: .container(ContainerSpec(image: "run")),
        networks: [NetworkAttachmentConfig(target: network)]
      )
    )
  }

  @Test("addresses come out of the network's range only, also its first and its last, and none that is kept for something else")
  func range() throws {
    var swarm = ControlHarness()
    let config = IPAMConfig(
      subnet: "10.9.0.0/24",
      range: "10.9.0.8/29",
      gateway: "10.9.0.10",
      reserved: ["printer": "10.9.0.9", "elsewhere": "10.9.0.200"]
    )
    let network = try swarm.addNetwork("a", [config])
    let attachment = NetworkAttachmentConfig(target: network.description)
    let services = (0..<6).map { number in swarm.create("s\(number)") { $0.task.networks = [attachment] } }
    #expect(services.flatMap { swarm.addresses($0) } == [8, 11, 12, 13, 14, 15].map { "10.9.0.\($0)/24" })
    let full = #expect(throws: SwarmError.self) { try swarm.ask(.createService(Self.spec("late", on: "a"))) }
    #expect(full == SwarmError(code: .failedPrecondition, message: "network a has no free address in 10.9.0.8/29"))
    swarm.request([.removeService(services[3])])
    swarm.settle()
    try swarm.ask(.createService(Self.spec("late", on: "a")))
    #expect(swarm.store.service(named: "late")?.endpoint?.virtualIPs.map(\.addr) == ["10.9.0.13/24"])
  }

  @Test("the gateway is the subnet's first free address, wherever the range is")
  func gateway() throws {
    var swarm = ControlHarness()
    let ranges = [
      IPAMConfig(subnet: "10.9.0.0/24", range: "10.9.0.128/25"),
      IPAMConfig(subnet: "10.9.1.0/24", reserved: ["router": "10.9.1.1"]),
    ]
    let network = try swarm.addNetwork("a", ranges)
    #expect(swarm.store.network(network)?.ipam?.configs.map(\.gateway) == ["10.9.0.1", "10.9.1.2"])
    let service = swarm.create { $0.task.networks = [NetworkAttachmentConfig(target: network.description)] }
    #expect(swarm.addresses(service) == ["10.9.0.128/24"])
  }

  @Test("a network of several subnets goes on with the next when one is used up, and nobody moves")
  func severalSubnets() throws {
    var swarm = ControlHarness()
    let ranges = [
      IPAMConfig(subnet: "fd00::/64"), IPAMConfig(subnet: "10.9.0.0/30"),
      IPAMConfig(subnet: "10.9.1.0/24", range: "10.9.1.64/32"),
    ]
    let attachment = NetworkAttachmentConfig(target: try swarm.addNetwork("a", ranges).description)
    let services = (0..<2).map { number in swarm.create("s\(number)") { $0.task.networks = [attachment] } }
    #expect(services.map { swarm.addresses($0) } == [["10.9.0.2/30"], ["10.9.1.64/24"]])
    let full = #expect(throws: SwarmError.self) { try swarm.ask(.createService(Self.spec("late", on: "a"))) }
    #expect(full?.message == "network a has no free address in 10.9.0.0/30, 10.9.1.64/32")
    swarm.request([.removeService(services[0])])
    swarm.settle()
    swarm.update(services[1]) { $0.task.forceUpdate += 1 }
    #expect(swarm.addresses(services[1]) == ["10.9.1.64/24"])
  }

  @Test(
    "what isn't part of its subnet is refused by name",
    arguments: [
      (IPAMConfig(range: "10.8.0.0/25"), "invalid ip-range 10.8.0.0/25: it is not in subnet 10.9.0.0/24"),
      (IPAMConfig(range: "10.9.0.0/23"), "invalid ip-range 10.9.0.0/23: it is not in subnet 10.9.0.0/24"),
      (IPAMConfig(range: "fd00::/96"), "invalid ip-range fd00::/96: it is not in subnet 10.9.0.0/24"),
      (IPAMConfig(range: "10.9.0.8"), "invalid ip-range 10.9.0.8"),
      (IPAMConfig(range: "10.9.0.8/33"), "invalid ip-range 10.9.0.8/33"),
      (IPAMConfig(gateway: "10.8.0.1"), "invalid gateway 10.8.0.1: it is not in subnet 10.9.0.0/24"),
      (IPAMConfig(gateway: "10.9.0.1/24"), "invalid gateway 10.9.0.1/24"),
      (IPAMConfig(reserved: ["p": "10.9.1.1"]), "invalid auxiliary address p 10.9.1.1: it is not in subnet 10.9.0.0/24"),
      (
        IPAMConfig(subnet: "fd00::/64", range: "fd00:0:0:1::/80"),
        "invalid ip-range fd00:0:0:1::/80: it is not in subnet fd00::/64"
      ),
    ]
  )
  func refusals(config: IPAMConfig, sentence: String) {
    var swarm = ControlHarness()
    var config = config
    if config.subnet.isEmpty { config.subnet = "10.9.0.0/24" }
    let error = #expect(throws: SwarmError.self) { try swarm.addNetwork("a", [config]) }
    #expect(error == SwarmError(code: .invalidArgument, message: sentence))
    #expect(swarm.store.networks().isEmpty)
  }

  @Test("the subnets of one network overlap as little as those of two")
  func overlap() {
    var swarm = ControlHarness()
    let ranges = [IPAMConfig(subnet: "10.9.0.0/24"), IPAMConfig(subnet: "10.9.0.128/25")]
    let error = #expect(throws: SwarmError.self) { try swarm.addNetwork("a", ranges) }
    #expect(error?.message == "Pool overlaps with other one on this address space")
  }
}
