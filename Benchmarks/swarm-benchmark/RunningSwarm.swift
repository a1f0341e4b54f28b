// SPDX-License-Identifier: Apache-2.0

internal import BenchmarkKit
internal import Swarm
internal import SwarmControl
internal import SwarmModel

/// A swarm whose nodes all run, and what can be measured on it.
struct RunningSwarm: Sendable {
  let managers: [SwarmNode]
  let workers: [SwarmNode]
  let lifetimes: [ObjectIdentifier: Lifetime]

  private var leader: SwarmNode {
    get throws {
      guard let leader = self.managers.first(where: \.local.isLeader) else {
        throw SwarmError(code: .unavailable, message: "no manager leads")
      }
      return leader
    }
  }

  /// Lets every node join and waits until all workers are ready.
  func form() async throws {
    try await self.managers[0].initialize()
    let seed = self.managers[0].local.nodeAddress
    let tokens = try await self.managers[0].cluster.get().rootCA.joinTokens
    for manager in self.managers.dropFirst() {
      try await manager.join(JoinRequest(remoteAddresses: [seed], token: tokens.manager))
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in self.workers {
        group.addTask { try await worker.join(JoinRequest(remoteAddresses: [seed], token: tokens.worker)) }
      }
      try await group.waitForAll()
    }
    let expected = self.managers.count + self.workers.count
    try await self.wait { store in store.nodes().count { $0.status.state == .ready } == expected }
  }

  func measure(_ scenario: SwarmBenchmark.Scenario, tasks: UInt64) async throws -> Measurement {
    switch scenario {
    case .create:
      return try await self.measured {
        try await self.create("bench", tasks)
        try await self.waitForRunning(tasks)
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
  private func wait(_ isTrue: (Store) -> Bool) async throws {
    var seen: UInt64?
    while true {
      if let store = try? self.managers.first(where: \.local.isLeader)?.replicatedStore(), store.version != seen {
        if isTrue(store) { return }
        seen = store.version
      }
      try await Task.sleep(for: .milliseconds(2))
    }
  }
}
