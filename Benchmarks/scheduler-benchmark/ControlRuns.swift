// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

/// The whole control loop, with agents that do nothing.
enum ControlRuns {
  /// Until all tasks run; the bytes per task are those of everything that the leader keeps then.
  static func create(_ setting: Setting) -> Outcome {
    var swarm = HollowSwarm(nodes: setting.nodes)
    let before = Heap.bytes
    Self.fill(&swarm, setting)
    Self.check(swarm, setting.tasks)
    return Outcome(
      operations: setting.tasks,
      cpu: swarm.watch.cpu,
      wall: swarm.watch.wall,
      bytesPerTask: (Heap.bytes - before) / setting.tasks,
      entries: swarm.entries
    )
  }

  static func deliver(_ setting: Setting) -> Outcome {
    var swarm = HollowSwarm(nodes: setting.nodes)
    Self.fill(&swarm, setting)
    Self.check(swarm, setting.tasks)
    let (watch, entries) = swarm.delivered
    return Outcome(operations: setting.tasks, cpu: watch.cpu, wall: watch.wall, entries: entries)
  }

  /// From the moment at which the grace of a tenth of the nodes is over.
  static func nodeLoss(_ setting: Setting) -> Outcome {
    var swarm = HollowSwarm(nodes: setting.nodes)
    Self.fill(&swarm, setting)
    let lost = Set(swarm.nodes.prefix(max(1, setting.nodes / 10)))
    swarm.lose(swarm.nodes.prefix(max(1, setting.nodes / 10)))
    swarm.settle()
    let affected = swarm.store.tasks().count { $0.nodeID.map { lost.contains($0) } ?? false }
    swarm.watch = Stopwatch()
    swarm.entries = 0
    swarm.now += .seconds(2)
    swarm.settle()
    let moved = swarm.store.tasks().count { task in
      task.status.state == .running && task.desiredState == .running && task.nodeID.map { !lost.contains($0) } ?? false
    }
    precondition(moved == setting.tasks, "only \(moved) tasks run elsewhere")
    return Outcome(operations: affected, cpu: swarm.watch.cpu, wall: swarm.watch.wall, entries: swarm.entries)
  }

  /// All at once, the old stopped before the new is started.
  static func update(_ setting: Setting) -> Outcome {
    var swarm = HollowSwarm(nodes: setting.nodes)
    Self.fill(&swarm, setting)
    let services = swarm.store.services()
    swarm.watch = Stopwatch()
    swarm.entries = 0
    for service in services {
      var spec = service.spec
      spec.update = UpdateConfig(parallelism: 0)
      spec.task.forceUpdate += 1
      swarm.request([.updateService(service.id, expected: nil, spec, isRollback: false)])
    }
    swarm.settle()
    Self.check(swarm, setting.tasks)
    return Outcome(operations: setting.tasks, cpu: swarm.watch.cpu, wall: swarm.watch.wall, entries: swarm.entries)
  }

  /// Statuses of running tasks, a hundred to an entry, each seen by the watcher of its node.
  static func events(_ setting: Setting) -> Outcome {
    var swarm = HollowSwarm(nodes: setting.nodes)
    Self.fill(&swarm, setting)
    var hub = WatchHub(appliedUpTo: swarm.store.version)
    let watchers = swarm.nodes.map { hub.watch([.tasksOn($0)]) }
    let tasks = swarm.store.tasks()
    var watch = Stopwatch()
    var seen = 0
    let entries = 1_000
    for number in 0..<entries {
      let changes = (0..<100).map { position -> TaskStatusChange in
        let task = tasks[(number * 100 + position) % tasks.count]
        var status = task.status
        status.timestamp = task.status.timestamp + .milliseconds(number + 1)
        return TaskStatusChange(task: task.id, status: status)
      }
      let entry = LogEntry(leaderTerm: 1, time: swarm.time, changes: [.taskStatuses(changes)])
      watch.measure {
        let applied = swarm.store.apply(entry, index: swarm.store.version + 1)
        for watcher in hub.publish(applied.changes) {
          if case .events(let events) = hub.take(watcher) { seen += events.count }
        }
      }
    }
    precondition(seen == entries * 100 && watchers.count == setting.nodes, "\(seen) events were seen")
    return Outcome(operations: seen, cpu: watch.cpu, wall: watch.wall, entries: entries)
  }

  /// A turn of the control loop after every hundred.
  static func heartbeats(_ setting: Setting) -> Outcome {
    var swarm = HollowSwarm(nodes: setting.nodes)
    Self.fill(&swarm, setting)
    let sessions = swarm.nodes.compactMap { node in swarm.session(of: node).map { (node, $0) } }
    var watch = Stopwatch()
    let rounds = max(1, 200_000 / sessions.count)
    for _ in 0..<rounds {
      swarm.now += .seconds(4)
      watch.measure {
        for (position, (node, session)) in sessions.enumerated() {
          _ = try? swarm.control.heartbeat(node: node, session: session, now: swarm.now)
          if position % 100 == 99 { _ = swarm.control.turn(now: swarm.now, time: swarm.time) }
        }
      }
      swarm.settle()
    }
    Self.check(swarm, setting.tasks)
    return Outcome(operations: rounds * sessions.count, cpu: watch.cpu, wall: watch.wall)
  }

  /// Ten virtual seconds in each of which a hundred tasks end and are replaced; an operation is one second, and only what the waiting services add to
  /// it counts.
  static func unschedulable(_ setting: Setting) -> Outcome {
    let with = Self.churn(setting, waiting: setting.services)
    let without = Self.churn(setting, waiting: 0)
    return Outcome(
      operations: 10,
      cpu: max(.zero, with.cpu - without.cpu),
      wall: max(.zero, with.wall - without.wall)
    )
  }

  private static func churn(_ setting: Setting, waiting: Int) -> Stopwatch {
    var swarm = HollowSwarm(nodes: setting.nodes)
    var one = setting
    one.services = 1
    Self.fill(&swarm, one)
    for number in 0..<waiting {
      var service = Cluster.service("waits\(number)", swarm.ids.make(), replicas: 1, setting)
      switch number % 3 {
      case 0: service.spec.task.placement = Placement(constraints: ["node.labels.nowhere==\(number)"])
      case 1: service.spec.task.resources?.reservations?.nanoCPUs = 65_000_000_000
      default: service.spec.task.resources?.reservations?.memoryBytes = 257 << 30
      }
      swarm.create(service)
      if number % 100 == 99 { swarm.settle() }
    }
    // What there was to say about the reasons to wait has been said.
    for _ in 0..<60 {
      swarm.now += .seconds(1)
      swarm.settle()
    }
    swarm.watch = Stopwatch()
    for second in 0..<10 {
      swarm.now += .seconds(1)
      for turn in 0..<10 {
        let running = swarm.store.tasks(on: swarm.nodes[(second * 10 + turn) % swarm.nodes.count])
        for task in running.prefix(10) { swarm.end(task.id, on: task.nodeID ?? NodeID(), .failed) }
        swarm.settle()
      }
    }
    return swarm.watch
  }

  // MARK: - Pieces

  private static func fill(_ swarm: inout HollowSwarm, _ setting: Setting) {
    for number in 0..<setting.services {
      let count = setting.tasks / setting.services + (number < setting.tasks % setting.services ? 1 : 0)
      swarm.create(Cluster.service("s\(number)", swarm.ids.make(), replicas: count, setting))
    }
    swarm.settle()
  }

  private static func check(_ swarm: HollowSwarm, _ tasks: Int) {
    let running = swarm.running()
    precondition(running == tasks, "only \(running) of \(tasks) tasks run")
  }
}
