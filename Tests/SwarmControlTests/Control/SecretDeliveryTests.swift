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

  @Test("O10: of secrets that come and go between two messages an agent hears nothing, and of those that it has all")
  func passing() {
    var swarm = ControlHarness()
    let (passing, kept) = (swarm.createSecret("passing"), swarm.createSecret("kept"))
    let ids: [TaskID] = [swarm.ids.make(), swarm.ids.make(), swarm.ids.make()]
    func task(_ number: Int, _ secret: SecretID, _ state: TaskState) -> SwarmTask {
      var spec = ServiceSpec()
      spec.use(secrets: [secret])
      return SwarmTask(
        id: ids[number - 1],
        spec: TaskSpecBox(spec.task),
        status: TaskStatus(state: state),
        desiredState: .running
      )
    }
    func told(_ stream: inout AssignmentStream) -> [(SecretID, ChangeAction)] {
      stream.takeMessage().changes.compactMap { change in
        guard case .secret(let secret) = change.object else { return nil }
        return (secret.id, change.action == .update ? .update : .remove)
      }
    }
    var stream = AssignmentStream()
    stream.update(task(1, kept, .assigned), in: Overlay(swarm.store))
    #expect(told(&stream).map(\.0) == [kept])
    stream.update(task(2, passing, .assigned), in: Overlay(swarm.store))
    stream.update(task(2, passing, .rejected), in: Overlay(swarm.store))
    #expect(told(&stream).isEmpty)
    // The other way round: the agent has it, and a new task that uses it ends before the agent hears of it.
    stream.update(task(1, kept, .failed), in: Overlay(swarm.store))
    stream.update(task(3, kept, .assigned), in: Overlay(swarm.store))
    stream.update(task(3, kept, .failed), in: Overlay(swarm.store))
    let last = told(&stream)
    #expect(last.map(\.0) == [kept])
    #expect(last.map(\.1) == [.remove])
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
