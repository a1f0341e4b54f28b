// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

@Suite("Why a task waits")
struct ExplainTests {
  @Test("every node is counted once, under the first filter that it fails")
  func counts() throws {
    var swarm = ControlHarness()
    _ = swarm.addNode("small", cpus: 1, labels: ["ssd": "true"])
    _ = swarm.addNode("plain", cpus: 8)
    _ = swarm.addNode("arm", cpus: 8, labels: ["ssd": "true"], platform: Platform(architecture: "arm64", os: "linux"))
    _ = swarm.addNode("paused", cpus: 8, labels: ["ssd": "true"], availability: .pause)
    let service = swarm.create {
      $0.reserve(cpus: 4)
      $0.task.placement = Placement(
        constraints: ["node.labels.ssd==true"],
        platforms: [Platform(architecture: "amd64", os: "linux")]
      )
    }
    let task = try #require(swarm.tasks(service).first)
    let explanation = try #require(swarm.store.explainPlacement(of: task.id))
    #expect(explanation.failures == [.availability: 1, .resources: 1, .constraints: 1, .platform: 1])
    #expect(explanation.nodes == 4)
    #expect(explanation.fitting == 0)
    #expect(explanation.failures.values.reduce(explanation.fitting, +) == explanation.nodes)
  }

  @Test("the nearest miss lacks least, and everything that it lacks is told")
  func nearest() throws {
    var swarm = ControlHarness()
    let small = swarm.addNode("small", cpus: 3, labels: ["ssd": "true"])
    let tiny = swarm.addNode("tiny", cpus: 1, labels: ["ssd": "true"])
    let wrong = swarm.addNode("wrong", cpus: 2, labels: ["ssd": "false"])
    let service = swarm.create {
      $0.reserve(cpus: 4)
      $0.task.placement = Placement(constraints: ["node.labels.ssd==true"])
    }
    let task = try #require(swarm.tasks(service).first)
    let explanation = try #require(swarm.store.explainPlacement(of: task.id))
    #expect(explanation.nearest.map(\.node) == [small, tiny, wrong])
    #expect(explanation.nearest[0].obstacles == [.processorTime(missing: 1_000_000_000)])
    #expect(
      explanation.nearest[2].obstacles == [
        .processorTime(missing: 2_000_000_000), .constraint("node.labels.ssd==true", actual: "false"),
      ]
    )
    #expect(swarm.store.explainPlacement(of: task.id, nearest: 1)?.nearest.count == 1)
  }

  @Test("ports, limits, plugins and neighbours are told by name")
  func obstacles() throws {
    var swarm = ControlHarness()
    _ = swarm.addNode(plugins: [])
    let port = PortConfig(targetPort: 80, publishedPort: 80, publishMode: .host)
    _ = swarm.create("first") { $0.endpoint = EndpointSpec(ports: [port]) }
    let second = swarm.create("second", replicas: 1) {
      $0.endpoint = EndpointSpec(ports: [port])
      $0.constrain("service.name!=first")
    }
    let task = try #require(swarm.tasks(second).first)
    let explanation = try #require(swarm.store.explainPlacement(of: task.id))
    #expect(explanation.failures == [.hostPorts: 1])
    #expect(explanation.nearest.map(\.obstacles) == [[.hostPort(80, .tcp), .affinity("service.name!=first")]])
    let third = swarm.create("third", replicas: 2) { $0.task.placement = Placement(maxReplicas: 1) }
    let waiting = try #require(swarm.tasks(third).first { $0.nodeID == nil })
    #expect(swarm.store.explainPlacement(of: waiting.id)?.nearest.map(\.obstacles) == [[.maxReplicas(1)]])
  }

  @Test("a task that waits for its node is told what that node lacks, and nothing of others")
  func global() throws {
    var swarm = ControlHarness()
    _ = swarm.addNodes(2)
    let small = swarm.addNode("small", cpus: 1)
    let service = swarm.create { spec in
      spec.mode = .global
      spec.reserve(cpus: 3)
    }
    let task = try #require(swarm.tasks(service).first { $0.status.state == .pending })
    let explanation = try #require(swarm.store.explainPlacement(of: task.id))
    #expect(explanation.node == nil)
    #expect((explanation.nodes, explanation.fitting) == (1, 0))
    #expect(explanation.failures == [.resources: 1])
    #expect(explanation.nearest.map(\.node) == [small])
    #expect(explanation.nearest.map(\.obstacles) == [[.processorTime(missing: 2_000_000_000)]])
  }

  @Test("a placed task fits its own node, and an unknown one has no explanation")
  func placed() throws {
    var swarm = ControlHarness()
    let node = swarm.addNode(cpus: 1)
    let service = swarm.create { $0.reserve(cpus: 1) }
    let task = try #require(swarm.running(service).first)
    let explanation = try #require(swarm.store.explainPlacement(of: task.id))
    #expect(explanation.node == node)
    #expect(explanation.fitting == 1)
    #expect(explanation.nearest.isEmpty)
    #expect(swarm.store.explainPlacement(of: swarm.ids.make()) == nil)
  }
}
