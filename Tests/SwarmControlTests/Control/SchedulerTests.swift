// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

@Suite("Scheduler")
struct SchedulerTests {
  @Test("43: tasks are spread by the service's count first, then by the total")
  func spread() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(3)
    _ = swarm.create("a", replicas: 4) { $0.constrain("node.hostname==node1") }
    _ = swarm.create("b", replicas: 2) { $0.constrain("node.hostname==node2") }
    let six = swarm.create("c", replicas: 6)
    #expect(swarm.spread(six, over: nodes) == [2, 2, 2])
    let two = swarm.create("d", replicas: 2)
    #expect(swarm.spread(two, over: nodes) == [0, 1, 1])
  }

  @Test("43: scaling up keeps the balance")
  func scaleUp() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(10)
    let service = swarm.create(replicas: 30)
    swarm.scale(service, to: 35)
    #expect(swarm.spread(service, over: nodes).sorted() == [3, 3, 3, 3, 3, 4, 4, 4, 4, 4])
  }

  @Test("44: a preference spreads over its label before it spreads over nodes")
  func preference() {
    var swarm = ControlHarness()
    let east = (0..<4).map { swarm.addNode("east\($0)", labels: ["zone": "east"]) }
    let west = [swarm.addNode("west", labels: ["zone": "west"])]
    let none = [swarm.addNode("none")]
    let service = swarm.create(replicas: 12) { spec in
      spec.task.placement = Placement(
        preferences: [PlacementPreference(spread: SpreadOver(spreadDescriptor: "node.labels.zone"))]
      )
    }
    #expect(swarm.spread(service, over: east) == [1, 1, 1, 1])
    #expect(swarm.spread(service, over: west) == [4])
    #expect(swarm.spread(service, over: none) == [4])
  }

  @Test("44: a preference for a label of the engine spreads over what the engines say")
  func enginePreference() {
    var swarm = ControlHarness()
    let east = (0..<3).map { swarm.addNode("east\($0)", engineLabels: ["rack": "a"]) }
    let west = [swarm.addNode("west", engineLabels: ["rack": "b"])]
    let service = swarm.create(replicas: 6) { spec in
      spec.task.placement = Placement(
        preferences: [PlacementPreference(spread: SpreadOver(spreadDescriptor: "engine.labels.rack"))]
      )
    }
    #expect(swarm.spread(service, over: east) == [1, 1, 1])
    #expect(swarm.spread(service, over: west) == [3])
  }

  @Test("45: what reserves too much waits, says why, and starts when there is room")
  func resources() {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let service = swarm.create { $0.reserve(cpus: 8) }
    #expect(swarm.tasks(service).map(\.status.state) == [.pending])
    #expect(swarm.tasks(service).map(\.status.err) == ["no suitable node (insufficient resources on 2 nodes)"])
    let big = swarm.addNode(cpus: 8)
    #expect(swarm.spread(service, over: [big]) == [1])
    #expect(swarm.tasks(service).map(\.status.err) == [""])
  }

  @Test("45: the reason names every filter that nodes fail")
  func reasons() {
    var swarm = ControlHarness()
    let service = swarm.create { $0.constrain("node.labels.gpu==yes") }
    #expect(swarm.tasks(service).map(\.status.err) == ["no suitable node"])
    let node = swarm.addNode()
    #expect(
      swarm.tasks(service).map(\.status.err) == ["no suitable node (scheduling constraints not satisfied on 1 node)"]
    )
    _ = swarm.addNodes(2)
    swarm.updateNode(node) { $0.availability = .pause }
    #expect(
      swarm.tasks(service).map(\.status.err) == [
        "no suitable node (scheduling constraints not satisfied on 2 nodes; 1 node not available for new tasks)"
      ]
    )
  }

  @Test("45: four cores take two tasks of one and a half")
  func exactReservations() {
    var swarm = ControlHarness()
    let node = swarm.addNode(cpus: 4)
    let service = swarm.create(replicas: 3) { spec in
      spec.task.resources = ResourceRequirements(reservations: Resources(nanoCPUs: 1_500_000_000))
    }
    #expect(swarm.spread(service, over: [node]) == [2])
  }

  @Test("46: a third replica waits for a third node when one per node is allowed")
  func maxReplicas() {
    var swarm = ControlHarness()
    var nodes = swarm.addNodes(2)
    let service = swarm.create(replicas: 3) { $0.task.placement = Placement(maxReplicas: 1) }
    #expect(swarm.spread(service, over: nodes) == [1, 1])
    #expect(
      swarm.tasks(service).compactMap { $0.nodeID == nil ? $0.status.err : nil } == [
        "no suitable node (max replicas per node limit exceed)"
      ]
    )
    nodes.append(swarm.addNode())
    #expect(swarm.spread(service, over: nodes) == [1, 1, 1])
  }

  @Test("47: a host port is used once per node, and a freed one is used again")
  func hostPorts() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(2)
    let port = PortConfig(targetPort: 80, publishedPort: 80, publishMode: .host)
    let first = swarm.create("first", replicas: 2) { $0.endpoint = EndpointSpec(ports: [port]) }
    #expect(swarm.spread(first, over: nodes) == [1, 1])
    let second = swarm.create("second") { $0.endpoint = EndpointSpec(ports: [port]) }
    #expect(swarm.tasks(second).map(\.status.err) == ["no suitable node (host-mode port already in use on 2 nodes)"])
    var udp = port
    udp.protocol = .udp
    let third = swarm.create("third") { $0.endpoint = EndpointSpec(ports: [udp]) }
    #expect(swarm.running(third).count == 1)
    swarm.scale(first, to: 1)
    #expect(swarm.running(second).count == 1)
  }

  @Test("48: tasks only go to nodes of their platform, by any of its names")
  func platform() {
    var swarm = ControlHarness()
    let amd = swarm.addNode(platform: Platform(architecture: "x86_64", os: "linux"))
    let arm = swarm.addNode(platform: Platform(architecture: "aarch64", os: "linux"))
    let service = swarm.create(replicas: 2) { spec in
      spec.task.placement = Placement(platforms: [Platform(architecture: "arm64", os: "linux")])
    }
    #expect(swarm.spread(service, over: [amd, arm]) == [0, 2])
    let windows = swarm.create("windows") { $0.task.placement = Placement(platforms: [Platform(os: "windows")]) }
    #expect(swarm.tasks(windows).map(\.status.err) == ["no suitable node (unsupported platform on 2 nodes)"])
  }

  @Test("49: a node on which tasks keep failing is the last choice, but a choice")
  func failures() {
    var swarm = ControlHarness()
    let first = swarm.addNode("first")
    let service = swarm.create { $0.task.restart = RestartPolicy(delay: .zero) }
    for _ in 0..<5 { swarm.end(swarm.running(service)[0]) }
    #expect(swarm.spread(service, over: [first]) == [1])
    let second = swarm.addNode("second")
    _ = swarm.create("load", replicas: 3) { $0.constrain("node.hostname==second") }
    swarm.end(swarm.running(service)[0])
    #expect(swarm.spread(service, over: [first, second]) == [0, 1])
    swarm.scale(service, to: 2)
    #expect(swarm.spread(service, over: [first, second]) == [0, 2])
    swarm.advance(by: .seconds(301))
    swarm.scale(service, to: 3)
    #expect(swarm.spread(service, over: [first, second]) == [1, 2])
  }

  @Test("50: ended tasks hold nothing; stopping ones hold everything until they stopped")
  func freedResources() throws {
    var swarm = ControlHarness()
    let node = swarm.addNode(cpus: 1)
    let first = swarm.create("first") {
      $0.reserve(cpus: 1)
      $0.task.restart = RestartPolicy(condition: .none)
    }
    let second = swarm.create("second", image: "stubborn") { $0.reserve(cpus: 1) }
    #expect(swarm.running(second).isEmpty)
    swarm.end(try #require(swarm.running(first).first), .complete)
    #expect(swarm.running(second).count == 1)
    let third = swarm.create("third") { $0.reserve(cpus: 1) }
    let stubborn = try #require(swarm.running(second).first)
    swarm.request([.removeService(second)])
    swarm.settle()
    #expect(swarm.running(third).isEmpty)
    swarm.end(stubborn)
    #expect(swarm.spread(third, over: [node]) == [1])
  }

  @Test(
    "constraints compare role, host name, id, labels and address",
    arguments: [
      ("node.role==manager", 1), ("node.role!=manager", 1), ("node.hostname==MAN", 1), ("engine.labels.x==y", 0),
      ("engine.labels.disk==ssd", 1), ("engine.labels.disk==SSD", 1), ("engine.labels.disk!=ssd", 1),
      ("engine.labels.disk in (hdd, ssd)", 2), ("engine.labels.disk exists", 2), ("engine.labels.a==b", 0),
      ("node.labels.disk==ssd", 0),
      ("node.platform.arch==amd64", 2), ("node.platform.os!=linux", 0), ("node.labels.a!=b", 1), ("nonsense==1", 0),
      ("node.ip==10.1.0.0/16", 1), ("node.ip!=10.1.0.0/16", 1), ("node.ip==10.1.2.3", 1), ("node.ip!=10.1.2.3", 1),
      ("node.ip==10.1.2.4", 0), ("node.ip==fd00::/8", 1), ("node.ip==fd00::7", 1), ("node.ip==0.0.0.0/0", 1),
      ("node.labels.a in (x, B)", 1), ("node.labels.a notin (x, b)", 1), ("node.labels.a exists", 1),
      ("node.role in (worker, manager)", 2), ("node.hostname notin (man, work)", 0), ("node.platform.arch in (x86_64)", 2),
      ("nonsense exists", 0), ("node.ip in (10.1.0.0/16, rubbish)", 0), ("node.ip in (10.1.0.0/16, fd00::7)", 2),
      ("node.ip notin (10.1.0.0/16)", 1), ("node.ip exists", 2),
    ]
  )
  func constraints(text: String, count: Int) {
    var swarm = ControlHarness()
    _ = swarm.addNode("man", labels: ["a": "b"], role: .manager, engineLabels: ["disk": "ssd"], address: "10.1.2.3")
    _ = swarm.addNode("work", engineLabels: ["disk": "hdd"], address: "fd00::7")
    let service = swarm.create(replicas: 2) {
      $0.constrain(text)
      $0.task.placement?.maxReplicas = 1
    }
    #expect(swarm.running(service).count == count)
  }

  @Test(
    "addresses and networks are read, and nothing else is",
    arguments: [
      ("10.1.2.3", "10.1.0.0/16", true), ("10.2.2.3", "10.1.0.0/16", false), ("10.1.2.3", "10.1.2.3", true),
      ("fd00::1", "fd00::/8", true), ("fe80::1", "fd00::/8", false), ("::1", "::/0", true), ("::1", "0.0.0.0/0", false),
      ("1:2:3:4:5:6:7:8", "1:2:3:4::/64", true), ("10.1.2.3", "10.1.2.128/25", false),
    ]
  )
  func addresses(address: String, network: String, isInside: Bool) throws {
    let network = try #require(IPAddress(network))
    #expect(network.contains(try #require(IPAddress(address))) == isInside)
    for bad in ["", "1.2.3", "1.2.3.256", "1.2.3.4/33", "::1::", ":::", "1:2:3:4:5:6:7:8:9", "g::", "1.2.3.4/x", "12345::"] {
      #expect(IPAddress(bad) == nil, "\(bad)")
    }
  }
}
