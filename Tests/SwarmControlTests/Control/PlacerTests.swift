// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

@Suite("Placing many tasks at once")
struct PlacerTests {
  @Test("filling bins in one go gives what filling them one by one gives", arguments: 0..<4)
  func waterFill(seed: UInt64) {
    var random = IdentifierGenerator(seed: seed)
    for _ in 0..<500 {
      let bins = (0..<Int.random(in: 0...6, using: &random)).map { _ in
        WaterFill.Bin(
          level: Int.random(in: 0...5, using: &random),
          room: Int.random(in: 0...6, using: &random),
          tieBreak: Int.random(in: 0...9, using: &random)
        )
      }
      let units = Int.random(in: 0...30, using: &random)
      #expect(WaterFill.fill(bins, with: units) == Self.oneByOne(bins, units), "seed \(seed)")
    }
  }

  private static func oneByOne(_ bins: [WaterFill.Bin], _ units: Int) -> [Int] {
    var given = [Int](repeating: 0, count: bins.count)
    for _ in 0..<units {
      let open = bins.indices.filter { given[$0] < bins[$0].room }
      let best = open.min { left, right in
        (bins[left].level + given[left], bins[left].tieBreak + given[left], left)
          < (bins[right].level + given[right], bins[right].tieBreak + given[right], right)
      }
      guard let best else { break }
      given[best] += 1
    }
    return given
  }

  @Test("placing many tasks gives the counts of placing each on the best node", arguments: 0..<4)
  func place(seed: UInt64) {
    var random = IdentifierGenerator(seed: seed)
    for _ in 0..<100 {
      var table = NodeTable()
      let service: ServiceID = random.make()
      let other: ServiceID = random.make()
      for number in 0..<Int.random(in: 1...8, using: &random) {
        let node = Node(
          id: random.make(),
          spec: NodeSpec(annotations: Annotations(labels: ["zone": "\(number % 3)"])),
          description: NodeDescription(resources: Resources(nanoCPUs: Int64.random(in: 0...9, using: &random)))
        )
        _ = table.update(node, isAvailable: Int.random(in: 0...5, using: &random) > 0)
        for _ in 0..<Int.random(in: 0...4, using: &random) {
          let task = SwarmTask(
            id: random.make(),
            serviceID: Bool.random(using: &random) ? service : other,
            nodeID: node.id,
            status: TaskStatus(state: .running),
            desiredState: .running
          )
          table.taskChanged(from: nil, to: task)
        }
      }
      let spread = PlacementPreference(spread: SpreadOver(spreadDescriptor: "node.labels.zone"))
      let spec = TaskSpec(
        resources: ResourceRequirements(reservations: Resources(nanoCPUs: Int64.random(in: 0...3, using: &random))),
        placement: Placement(
          preferences: Bool.random(using: &random) ? [spread] : [],
          maxReplicas: UInt64.random(in: 0...5, using: &random)
        )
      )
      let key = TaskClassKey(service: service, specVersion: .zero)
      var taskClass = TaskClass(key: key, spec: spec, ports: [])
      let eligible = taskClass.eligibleNodes(in: table)
      let count = Int.random(in: 0...25, using: &random)

      let together = Placer(table: table, taskClass: taskClass, failing: []).place(count, on: eligible)
      var onePerCall: [Int] = []
      var changing = table
      for _ in 0..<count {
        guard let index = Placer(table: changing, taskClass: taskClass, failing: []).place(1, on: eligible).first else { break }
        onePerCall.append(index)
        let task = SwarmTask(
          id: random.make(),
          spec: TaskSpecBox(spec),
          serviceID: service,
          nodeID: changing.facts(at: index)?.id,
          status: TaskStatus(state: .assigned),
          desiredState: .running
        )
        changing.taskChanged(from: nil, to: task)
      }
      #expect(together.sorted() == onePerCall.sorted(), "seed \(seed)")
    }
  }

  @Test("any leading part of a placement is spread as well")
  func interleaved() {
    var random = IdentifierGenerator(seed: 1)
    var table = NodeTable()
    for _ in 0..<4 { _ = table.update(Node(id: random.make()), isAvailable: true) }
    var taskClass = TaskClass(key: TaskClassKey(service: random.make(), specVersion: .zero), spec: TaskSpec(), ports: [])
    let eligible = taskClass.eligibleNodes(in: table)
    let placed = Placer(table: table, taskClass: taskClass, failing: []).place(10, on: eligible)
    #expect(placed == [0, 1, 2, 3, 0, 1, 2, 3, 0, 1])
  }

  @Test("a table whose tasks and nodes come and go in any order ends where one filled at once ends")
  func tableAccounting() {
    var random = IdentifierGenerator(seed: 7)
    var store = Store()
    var index: UInt64 = 0
    var swarm = ControlHarness(seed: 7)
    let nodes = swarm.addNodes(4)
    let service = swarm.create(replicas: 9) { $0.reserve(cpus: 1) }
    for step in 0..<30 {
      switch step % 5 {
      case 0: swarm.scale(service, to: UInt64.random(in: 0...12, using: &random))
      case 1: swarm.kill(nodes[step % 4])
      case 2: swarm.advance(by: .seconds(3))
      case 3: swarm.revive(nodes[(step - 2) % 4])
      default: if let task = swarm.running(service).first { swarm.end(task) }
      }
    }
    swarm.advance(by: .seconds(20))
    store = swarm.store.applying([], &index)
    let fresh = Control(term: 9, store: store, seed: 1, now: swarm.now, time: swarm.time).scheduler.table
    let used = swarm.control.scheduler.table
    for node in nodes {
      guard let left = used.indexByID[node], let right = fresh.indexByID[node] else { continue }
      #expect(used.taskCounts[left] == fresh.taskCounts[right])
      #expect(used.freeNanoCPUs(at: left) == fresh.freeNanoCPUs(at: right))
      #expect(used.counts(of: service)[left] == fresh.counts(of: service)[right])
    }
  }
}
