// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel
internal import Testing

@Suite("Worker: every order of events")
struct WorkerSmallWorldTests {
  @Test("nothing that can happen to one task breaks a rule, and from everywhere it can be removed")
  func everything() {
    var seen: Set<WorkerWorld.Key> = []
    var frontier = [WorkerWorld()]
    seen.insert(frontier[0].key)
    var states: Set<TaskState> = []
    while let world = frontier.popLast() {
      for move in world.moves {
        var next = world
        next.make(move)
        guard next.violations.isEmpty else {
          Issue.record("\(next.violations)")
          return
        }
        let key = next.key
        guard seen.insert(key).inserted else { continue }
        if let state = key.task?.status.state { states.insert(state) }
        guard next.settles() else {
          Issue.record("stuck after \(move): \(key)")
          return
        }
        frontier.append(next)
      }
    }
    #expect(seen.count > 300, "the world is smaller than thought: \(seen.count)")
    #expect(states == [.preparing, .ready, .starting, .running, .complete, .failed, .rejected, .shutdown])
  }

  @Test("long random lives of many tasks keep the rules", arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
  func random(seed: UInt64) {
    var chance = IdentifierGenerator(seed: seed)
    for _ in 0..<200 {
      var world = WorkerWorld()
      for _ in 0..<60 {
        guard let move = world.moves.randomElement(using: &chance) else { break }
        world.make(move)
        guard world.violations.isEmpty else {
          Issue.record("seed \(seed): \(world.violations)")
          return
        }
      }
      #expect(world.settles(), "seed \(seed)")
    }
  }
}
