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
        Bin(
          level: Int.random(in: 0...5, using: &random),
          room: Int.random(in: 0...6, using: &random),
          tieBreak: Int.random(in: 0...9, using: &random)
        )
      }
      var fill = WaterFill()
      for bin in bins { fill.append(level: bin.level, room: bin.room, tieBreak: bin.tieBreak) }
      let units = Int.random(in: 0...30, using: &random)
      #expect(fill.fill(with: units).map { Int($0) } == Self.oneByOne(bins, units), "seed \(seed)")
    }
  }

  private struct Bin {
    let level: Int
    let room: Int
    let tieBreak: Int
  }

  private static func oneByOne(_ bins: [Bin], _ units: Int) -> [Int] {
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

  @Test("any leading part of a placement is spread as well")
  func interleaved() {
    var random = IdentifierGenerator(seed: 1)
    var table = NodeTable()
    for _ in 0..<4 { _ = table.update(Node(id: random.make()), isAvailable: true) }
    let taskClass = TaskClass(key: TaskClassKey(service: random.make(), specVersion: .zero), spec: TaskSpec(), ports: [])
    let placed = Placer(10, table: table, taskClass: taskClass).place(on: table.available)
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
