// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Testing

@testable internal import SwarmControl

@Suite("Placement against an oracle")
struct PlacementOracleTests {
  @Test("one task goes where a look at every node says it should", arguments: 0..<8 as Range<UInt64>)
  func single(block: UInt64) {
    for seed in block * 150..<(block + 1) * 150 {
      let nodes = RandomNodes(seed: seed)
      #expect(nodes.place(1).first == nodes.oracle(), "seed \(seed)")
    }
  }

  @Test("many tasks at once go where they go one after the other", arguments: 0..<8 as Range<UInt64>)
  func many(block: UInt64) {
    for seed in block * 150..<(block + 1) * 150 {
      var nodes = RandomNodes(seed: seed &+ 1_000_000)
      let count = Int.random(in: 2...25, using: &nodes.random)
      let together = nodes.place(count)
      var oneByOne: [Int] = []
      while oneByOne.count < count, let index = nodes.oracle() {
        oneByOne.append(index)
        nodes.put(index)
      }
      #expect(together.sorted() == oneByOne.sorted(), "seed \(seed &+ 1_000_000)")
    }
  }

  @Test("on hundreds of nodes the indexes find what a look at every node finds", arguments: 0..<4 as Range<UInt64>)
  func large(seed: UInt64) {
    var nodes = RandomNodes(seed: seed, nodes: 300...400)
    for _ in 0..<150 {
      let found = nodes.place(1).first
      #expect(found == nodes.oracle(), "seed \(seed)")
      guard let found else { break }
      nodes.put(found)
    }
    let rest = nodes.place(500)
    var oneByOne: [Int] = []
    while oneByOne.count < 500, let index = nodes.place(1).first {
      oneByOne.append(index)
      nodes.put(index)
    }
    #expect(rest.sorted() == oneByOne.sorted(), "seed \(seed)")
  }

  @Test("every node fails one filter or fits, and the placement agrees", arguments: 0..<4 as Range<UInt64>)
  func failures(block: UInt64) {
    for seed in block * 100..<(block + 1) * 100 {
      let nodes = RandomNodes(seed: seed)
      let taskClass = nodes.taskClass
      var eligible = EligibleNodes()
      eligible.update(taskClass.requirements, from: nodes.table)
      let failure = PlacementFailure(of: taskClass, eligible: eligible.nodes, in: nodes.table)
      #expect(failure.counts.values.reduce(failure.fitting, +) == nodes.table.indices.count, "seed \(seed)")
      #expect(failure.fitting == nodes.table.indices.count { nodes.isOpen(taskClass, $0) }, "seed \(seed)")
      #expect((failure.fitting > 0) == !nodes.place(1).isEmpty, "seed \(seed)")
    }
  }
}
