// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

/// The scheduler alone.
enum Decisions {
  /// Everything on empty nodes; the best of several runs, each with classes that the scheduler has never seen.
  static func batch(_ setting: Setting) -> Outcome {
    var ids = IdentifierGenerator(seed: 1)
    var empty = StandaloneScheduler()
    var store = Store()
    var index: UInt64 = 0
    for number in 0..<setting.nodes {
      let node = Cluster.node(number, ids.make())
      empty.nodeChanged(to: node)
      if setting.commit != .none {
        index += 1
        _ = store.apply(LogEntry(leaderTerm: 1, time: .zero, changes: [.putNode(node)]), index: index)
      }
    }
    let services = (0..<setting.services).map {
      Cluster.service("s\($0)", ids.make(), replicas: setting.tasks / setting.services, setting)
    }
    var best: Outcome?
    for _ in 0..<5 {
      // The group's work is done by threads of its own.
      var watch = Stopwatch(of: setting.commit == .raft ? .process : .thread)
      var placed = 0
      var scheduler = empty
      let group = setting.commit == .raft ? RaftOfOne(store) : nil
      var ledger = group.map(Ledger.raft) ?? .memory(store)
      var made = ids
      let before = Heap.bytes
      for service in services {
        let count = setting.tasks / setting.services
        if setting.commit != .none {
          placed += Self.commit(count, service, &scheduler, &ledger, &made, &watch)
        } else {
          let nodes = watch.measure { scheduler.place(count, of: service) }
          placed += nodes.count
          if services.count > 1 { Self.occupy(nodes, service, &scheduler, &made) }
        }
      }
      let bytes = setting.commit == .store ? (Heap.bytes - before) / max(1, placed) : nil
      let outcome = Outcome(operations: placed, cpu: watch.cpu, wall: watch.wall, bytesPerTask: bytes)
      if best.map({ outcome.cpu < $0.cpu }) ?? true { best = outcome }
      group?.end()
      withExtendedLifetime((scheduler, ledger)) {}
    }
    return best ?? Outcome(operations: 0, cpu: .zero, wall: .zero)
  }

  /// Placed, made into log entries, applied to the store (maybe by way of a log), and counted by the scheduler.
  private static func commit(
    _ count: Int,
    _ service: Service,
    _ scheduler: inout StandaloneScheduler,
    _ ledger: inout Ledger,
    _ ids: inout IdentifierGenerator,
    _ watch: inout Stopwatch
  ) -> Int {
    _ = ledger.apply([.createService(service)])
    guard let stored = ledger.service(service.id) else { return 0 }
    return watch.measure {
      let nodes = scheduler.place(count, of: stored)
      var slot: UInt64 = 0
      for start in stride(from: 0, to: nodes.count, by: 1_024) {
        let tasks = nodes[start..<min(start + 1_024, nodes.count)].map { node in
          slot += 1
          return NewTask(id: ids.make(), slot: slot, node: node)
        }
        let change = Change.createTasks(stored.id, specVersion: stored.specVersion, desired: .running, tasks)
        let applied = ledger.apply([change])
        for change in applied.changes.tasks { scheduler.taskChanged(from: change.oldBox, to: change.newBox) }
      }
      return nodes.count
    }
  }

  private static func occupy(
    _ nodes: [NodeID],
    _ service: Service,
    _ scheduler: inout StandaloneScheduler,
    _ ids: inout IdentifierGenerator
  ) {
    let spec = TaskSpecBox(service.spec.task)
    for node in nodes { scheduler.taskChanged(from: nil, to: Stored(Self.task(spec, service, node, &ids))) }
  }

  private static func task(
    _ spec: TaskSpecBox,
    _ service: Service,
    _ node: NodeID,
    _ ids: inout IdentifierGenerator
  ) -> SwarmTask {
    SwarmTask(
      id: ids.make(),
      spec: spec,
      serviceID: service.id,
      nodeID: node,
      status: TaskStatus(state: .assigned),
      desiredState: .running,
      specVersion: service.specVersion
    )
  }

  /// One replica more, a thousand times, with all tasks of one service in place.
  static func plusOne(_ setting: Setting) -> Outcome {
    var ids = IdentifierGenerator(seed: 1)
    var scheduler = StandaloneScheduler()
    for number in 0..<setting.nodes { scheduler.nodeChanged(to: Cluster.node(number, ids.make())) }
    let service = Cluster.service("s", ids.make(), replicas: setting.tasks, setting)
    Self.occupy(scheduler.place(setting.tasks, of: service), service, &scheduler, &ids)
    let spec = TaskSpecBox(service.spec.task)
    var watch = Stopwatch()
    let operations = 1_000
    for _ in 0..<operations {
      watch.measure {
        guard let node = scheduler.place(1, of: service).first else { return }
        scheduler.taskChanged(from: nil, to: Stored(Self.task(spec, service, node, &ids)))
      }
    }
    return Outcome(operations: operations, cpu: watch.cpu, wall: watch.wall)
  }

  /// Services of one replica, each of them new to the scheduler.
  static func oneOff(_ setting: Setting) -> Outcome {
    var ids = IdentifierGenerator(seed: 1)
    var scheduler = StandaloneScheduler()
    for number in 0..<setting.nodes { scheduler.nodeChanged(to: Cluster.node(number, ids.make())) }
    let services = (0..<setting.tasks).map { Cluster.service("s\($0)", ids.make(), replicas: 1, setting) }
    let specs = services.map { TaskSpecBox($0.spec.task) }
    var watch = Stopwatch()
    var placed = 0
    watch.measure {
      for (position, service) in services.enumerated() {
        guard let node = scheduler.place(1, of: service).first else { continue }
        scheduler.taskChanged(from: nil, to: Stored(Self.task(specs[position], service, node, &ids)))
        placed += 1
      }
    }
    return Outcome(operations: placed, cpu: watch.cpu, wall: watch.wall)
  }
}
