// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

extension OrchestrationWorld {
  /// Makes the swarm: what every log begins with, and the first leader.
  mutating func found() {
    self.log.term = 1
    let orchestration = OrchestrationConfig(taskHistoryRetentionLimit: 3, rebalanceBudget: self.knobs.rebalanceBudget)
    self.enterFirst([
      .putCluster(Cluster(id: self.ids.make(), spec: ClusterSpec(orchestration: orchestration))),
      .createSecret(Secret(id: self.ids.make(), spec: SecretSpec(annotations: Annotations(name: "key"), data: [1]))),
      .createSecret(Secret(id: self.ids.make(), spec: SecretSpec(annotations: Annotations(name: "password"), data: [2]))),
      .createConfig(Config(id: self.ids.make(), spec: ConfigSpec(annotations: Annotations(name: "site"), data: [3]))),
      .createConfig(Config(id: self.ids.make(), spec: ConfigSpec(annotations: Annotations(name: "limits"), data: [4]))),
    ])
    if let network = try? ControlRequest.changes(
      for: .createNetwork(NetworkSpec(annotations: Annotations(name: "net"))),
      in: self.oracle.store,
      now: self.wallTime,
      ids: &self.ids
    ) {
      self.enterFirst(network)
    }
    for number in 0..<self.knobs.managers {
      let node = self.addNode(role: .manager, cpus: 2)
      self.managers.append(SimulatedManager(node: node))
      self.managers[number].wallOffset = .milliseconds(self.chance.log.within(-400...400))
    }
    for _ in 0..<self.knobs.workers { self.addNode(role: .worker, cpus: 4) }
    if self.knobs.hasSmallNode { self.addNode(role: .worker, cpus: 0) }
    self.events.add(.lead(term: 1), at: 0)
  }

  /// Lets a node in; its agent looks for a manager.
  @discardableResult
  mutating func addNode(role: NodeRole, cpus: Int64) -> NodeID {
    let id: NodeID = self.ids.make()
    let index = self.agents.count
    let labels = ["zone": "a", "rack": "\(index % 2)"]
    let spec = NodeSpec(annotations: Annotations(labels: labels), desiredRole: role)
    let node = Node(id: id, spec: spec, role: role)
    let description = NodeDescription(
      hostname: "node\(index)",
      platform: Platform(architecture: index % 4 == 3 ? "aarch64" : "x86_64", os: "linux"),
      resources: Resources(
        nanoCPUs: cpus * 1_000_000_000,
        memoryBytes: cpus << 30,
        generic: cpus > 0 ? Self.things[index % Self.things.count] : []
      ),
      engine: Self.engines[index % Self.engines.count]
    )
    self.agents.append(SimulatedAgent(node: id, description: description))
    self.agentByNode[id] = index
    if self.now == 0 {
      self.enterFirst([.putNode(node)])
    } else {
      self.append(LogEntry(leaderTerm: self.log.term, time: self.time(of: self.leader), changes: [.putNode(node)]), nil)
    }
    self.events.add(.connect(AgentLink(agent: index, connection: 0)), at: self.now + 1_000_000)
    return id
  }

  /// What machines have of a kind that their hosts name: two with names, three without, none.
  private static let things: [[GenericResource]] = [
    [.named(kind: "gpu", value: "0"), .named(kind: "gpu", value: "1")], [.discrete(kind: "gpu", value: 3)], [],
  ]

  /// What engines tell of their plugins: nothing, or which ones they have.
  private static let engines: [EngineDescription?] = [
    nil,
    EngineDescription(plugins: [
      PluginDescription(type: "Volume", name: "nfs"), PluginDescription(type: "Log", name: "json-file"),
    ]),
    EngineDescription(plugins: [PluginDescription(type: "Log", name: "fluentd:latest")]),
    EngineDescription(plugins: [PluginDescription(type: "Volume", name: "nfs:latest")]),
  ]

  private mutating func enterFirst(_ changes: [Change]) {
    let entry = LogEntry(leaderTerm: 1, time: self.wallTime, changes: changes)
    let decision = SimulatedSwarmLog.Decision(store: self.oracle.store, time: 0, term: 1, clockJumps: 0)
    self.enter(SimulatedSwarmLog.Proposed(bytes: entry.encode(), proposal: nil, decision: decision))
  }
}
