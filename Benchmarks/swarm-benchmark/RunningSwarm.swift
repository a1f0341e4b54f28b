// SPDX-License-Identifier: Apache-2.0

internal import BenchmarkKit
internal import Swarm
internal import SwarmControl
internal import SwarmModel

/// A swarm whose nodes all run, and what can be measured on it.
struct RunningSwarm: Sendable {
  let managers: [SwarmNode]
  let workers: [SwarmNode]
  /// Workers that run in a process of their own.
  let apart: WorkerProcess?
  let lifetimes: [ObjectIdentifier: Lifetime]

  private var leader: SwarmNode {
    get throws {
      guard let leader = self.managers.first(where: \.local.isLeader) else {
        throw SwarmError(code: .unavailable, message: "no manager leads")
      }
      return leader
    }
  }

  /// Lets nodes join, all or the first of them, and waits until they are ready.
  func form(managers: Int = .max, workers: Int = .max) async throws {
    try await self.managers[0].initialize()
    for manager in self.managers.prefix(managers).dropFirst() { try await self.join([manager], as: .manager) }
    try await self.join(Array(self.workers.prefix(workers)), as: .worker)
    guard let apart = self.apart else { return }
    try await apart.join(self.request(as: .worker))
    let nodes = self.managers.count + apart.workers
    try await self.wait { store in
      try apart.check()
      return store.nodes().count { $0.status.state == .ready } == nodes
    }
  }

  /// How many nodes join at the same time: all of them share this machine, where a thousand would wait for each other until they give up.
  private static let joiningAtOnce = 64

  /// Lets nodes join, a few at a time.
  static func join(_ nodes: [SwarmNode], _ request: JoinRequest) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (position, node) in nodes.enumerated() {
        if position >= Self.joiningAtOnce { try await group.next() }
        group.addTask { try await node.join(request) }
      }
      try await group.waitForAll()
    }
  }

  private func request(as role: NodeRole) async throws -> JoinRequest {
    let tokens = try await self.managers[0].cluster.get().rootCA.joinTokens
    return JoinRequest(
      remoteAddresses: [self.managers[0].local.nodeAddress],
      token: role == .manager ? tokens.manager : tokens.worker
    )
  }

  /// Lets nodes join, and waits until they are ready.
  private func join(_ nodes: [SwarmNode], as role: NodeRole) async throws {
    try await Self.join(nodes, self.request(as: role))
    let ids = nodes.compactMap(\.local.nodeID)
    try await self.wait { store in ids.allSatisfy { store.node($0)?.status.state == .ready } }
  }

  func measure(_ scenario: SwarmBenchmark.Scenario, tasks: UInt64) async throws -> Measurement {
    switch scenario {
    case .join: return try await self.measured { try await self.join(self.workers, as: .worker) }
    case .joinManager:
      return try await self.measured { try await self.join([self.managers[self.managers.count - 1]], as: .manager) }
    case .create:
      return try await self.measured {
        try await self.create("bench", tasks)
        try await self.waitForRunning(tasks)
      }
    case .assign:
      self.apart?.stop()
      return try await self.measured {
        try await self.create("bench", tasks)
        try await self.wait { store in store.taskCount { $0.nodeID != nil } == Int(tasks) }
      }
    case .scale:
      try await self.create("bench", tasks / 2)
      try await self.waitForRunning(tasks / 2)
      return try await self.measured {
        try await self.change { $0.mode = .replicated(replicas: tasks) }
        try await self.waitForRunning(tasks)
      }
    case .update:
      try await self.create("bench", tasks)
      try await self.waitForRunning(tasks)
      return try await self.measured {
        try await self.change { spec in
          spec.update = UpdateConfig(parallelism: 0)
          spec.task.forceUpdate += 1
        }
        try await self.wait { store in
          guard let service = store.service(named: "bench") else { return false }
          let current = store.taskCount {
            $0.status.state == .running && $0.desiredState == .running && $0.specVersion == service.specVersion
          }
          return current == Int(tasks)
        }
      }
    case .nodeLoss:
      try await self.create("bench", tasks)
      try await self.waitForRunning(tasks)
      guard let lost = self.workers.last, let id = lost.local.nodeID else { preconditionFailure("there is a worker") }
      return try await self.measured {
        self.lifetimes[ObjectIdentifier(lost)]?.end()
        try await self.waitForRunning(tasks, exceptOn: id)
      }
    case .leaderLoss:
      let leader = try self.leader
      let survivors = self.managers.filter { $0 !== leader }
      return try await self.measured(on: survivors) {
        self.lifetimes[ObjectIdentifier(leader)]?.end()
        _ = try await survivors[0].services.create(ServiceSpec(name: "next", image: "bench", replicas: 0))
      }
    case .control:
      return try await self.measured {
        for number in 1...tasks {
          try await self.create("bench\(number)", 1)
          try await self.waitForRunning(number)
        }
      }
    }
  }

  // MARK: - Pieces

  private func create(_ name: String, _ replicas: UInt64) async throws {
    _ = try await self.leader.services.create(
      ServiceSpec(name: name, image: "bench", command: ["sleep", "3600"], replicas: replicas)
    )
  }

  private func change(_ body: (inout ServiceSpec) -> Void) async throws {
    let services = try self.leader.services
    let service = try await services.get("bench")
    var spec = service.spec
    body(&spec)
    try await services.update(service.id, version: service.meta.version.index, spec: spec)
  }

  private func measured(on nodes: [SwarmNode]? = nil, _ body: () async throws -> Void) async throws -> Measurement {
    let observer = (nodes ?? self.managers)[0]
    let before = (ContinuousClock.now, CPUTime.now, try observer.replicatedStore().version)
    try await body()
    return Measurement(
      elapsed: ContinuousClock.now - before.0,
      cpu: CPUTime.now - before.1,
      logEntries: try observer.replicatedStore().version - before.2
    )
  }

  private func waitForRunning(_ count: UInt64, exceptOn lost: NodeID? = nil) async throws {
    try await self.wait { store in
      store.taskCount { $0.status.state == .running && $0.desiredState == .running && $0.nodeID != lost } == Int(count)
    }
  }
}

extension RunningSwarm {
  /// Waits until the leader's store looks as it should; looks again only when it changed, so that looking isn't what is measured.
  private func wait(_ isTrue: (Store) throws -> Bool) async throws {
    var seen: UInt64?
    while true {
      if let store = try? self.managers.first(where: \.local.isLeader)?.replicatedStore(), store.version != seen {
        if try isTrue(store) { return }
        seen = store.version
      }
      try await Task.sleep(for: .milliseconds(2))
    }
  }
}
