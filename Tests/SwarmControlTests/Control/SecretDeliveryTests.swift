// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

@Suite("Secrets and configs on their way to nodes")
struct SecretDeliveryTests {
  @Test("a secret and a config reach the nodes whose tasks use them, and no other")
  func delivery() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(3)
    let (secret, config) = (swarm.createSecret("s"), swarm.createConfig("c"))
    swarm.createSecret("unused")
    let service = swarm.create(replicas: 2) { $0.use(secrets: [secret], configs: [config]) }
    let using = Set(swarm.running(service).compactMap(\.nodeID))
    #expect(using.count == 2)
    for node in nodes {
      let agent = swarm.agents[node]
      #expect(agent?.secrets.keys.sorted() == (using.contains(node) ? [secret] : []))
      #expect(agent?.configs.keys.sorted() == (using.contains(node) ? [config] : []))
      if using.contains(node) { #expect(agent?.secrets[secret]?.spec.data == Array("x".utf8)) }
    }
  }

  @Test(
    "55: a secret that two tasks of a node share stays until the last of them has ended",
    arguments: [TaskState.failed, .complete]
  )
  func shared(end: TaskState) {
    var swarm = ControlHarness()
    let node = swarm.addNode()
    let (secret, config) = (swarm.createSecret("s"), swarm.createConfig("c"))
    let service = swarm.create(replicas: 2) {
      $0.use(secrets: [secret], configs: [config])
      $0.task.restart = RestartPolicy(condition: .none)
    }
    swarm.end(swarm.running(service)[0], end)
    #expect(swarm.agents[node]?.secrets.keys.sorted() == [secret])
    swarm.end(swarm.running(service)[0], end)
    #expect(swarm.agents[node]?.secrets.isEmpty == true)
    #expect(swarm.agents[node]?.configs.isEmpty == true)
  }

  @Test("O10: secrets go with the tasks that are shut down, moved or removed")
  func withdrawal() {
    var swarm = ControlHarness()
    let nodes = swarm.addNodes(2)
    let secret = swarm.createSecret("s")
    let service = swarm.create(replicas: 2) { $0.use(secrets: [secret]) }
    swarm.updateNode(nodes[0]) { $0.availability = .drain }
    #expect(swarm.agents[nodes[0]]?.secrets.isEmpty == true)
    #expect(swarm.agents[nodes[1]]?.secrets.count == 1)
    swarm.request([.removeService(service)])
    swarm.advance(by: .seconds(1))
    #expect(swarm.agents[nodes[1]]?.secrets.isEmpty == true)
  }

  @Test("a new session starts with the secrets of live tasks only")
  func newSession() {
    var swarm = ControlHarness()
    let node = swarm.addNode()
    let (old, new) = (swarm.createSecret("old"), swarm.createSecret("new"))
    let service = swarm.create { $0.use(secrets: [old]) }
    swarm.update(service) { $0.use(secrets: [new]) }
    swarm.advance(by: .seconds(10))
    #expect(swarm.tasks(service).count == 2)
    swarm.changeLeader()
    #expect(swarm.agents[node]?.secrets.keys.sorted() == [new])
    #expect(swarm.running(service).count == 1)
  }

  @Test("a rolled back service whose secret is gone comes without it")
  func rollbackWithoutSecret() {
    var swarm = ControlHarness()
    let node = swarm.addNode()
    let (old, new) = (swarm.createSecret("old"), swarm.createSecret("new"))
    let service = swarm.create { $0.use(secrets: [old]) }
    swarm.update(service) { $0.use(secrets: [new]) }
    swarm.advance(by: .seconds(30))
    #expect(swarm.request([.removeSecret(old)]).rejections.isEmpty)
    let spec = swarm.store.service(service)?.spec ?? ServiceSpec()
    swarm.request([.updateService(service, expected: nil, spec, isRollback: true)])
    swarm.advance(by: .seconds(30))
    #expect(swarm.running(service).count == 1)
    #expect(swarm.agents[node]?.secrets.isEmpty == true)
  }
}

extension ServiceSpec {
  mutating func use(secrets: [SecretID] = [], configs: [ConfigID] = []) {
    var container = self.task.container ?? ContainerSpec(image: "run")
    container.secrets = secrets.map { SecretReference(secretID: $0, secretName: "\($0)", file: FileTarget(name: "\($0)")) }
    container.configs = configs.map { ConfigReference(configID: $0, configName: "\($0)", file: FileTarget(name: "\($0)")) }
    self.task.runtime = .container(container)
  }
}
