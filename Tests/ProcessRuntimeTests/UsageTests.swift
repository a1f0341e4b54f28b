// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProcessRuntime
import SwarmAgent
import SwarmModel
import TestTraits
import Testing

@Suite("What process tasks use", .takingTurns, .timeLimit(.minutes(2)))
struct ProcessUsageTests {
  /// A process's `stat` as the kernel writes it.
  private static func stat(_ pid: Int, parent: Int, _ times: (Int, Int, Int, Int), pages: Int, name: String = "sh") -> String {
    "\(pid) (\(name)) S \(parent) 1 1 0 -1 4194304 100 0 0 0 \(times.0) \(times.1) \(times.2) \(times.3) 20 0 1 0 777 1000000 \(pages) 18446744073709551615\n"
  }

  @Test("what descendants use is summed, and nobody else's; the watcher itself doesn't count")
  func tree() {
    var tree = ProcessTree()
    tree.add(Self.stat(10, parent: 1, (1000, 1000, 0, 0), pages: 9999))
    tree.add(Self.stat(11, parent: 10, (1, 2, 3, 4), pages: 5, name: "a) S 1 (b"))
    tree.add(Self.stat(12, parent: 11, (10, 0, 0, 0), pages: 6))
    tree.add(Self.stat(13, parent: 10, (0, 100, 0, 0), pages: 7))
    tree.add(Self.stat(20, parent: 1, (5000, 0, 0, 0), pages: 1))
    tree.add("no process at all")
    tree.add("14 (cut) S 10")
    var expected = ProcessTree.Usage()
    (expected.ticks, expected.pages, expected.processes) = (120, 18, 3)
    #expect(tree.usage(below: 10) == expected)
    #expect(tree.usage(below: 99) == ProcessTree.Usage())
  }

  @Test("parents in a circle are no endless work")
  func circle() {
    var tree = ProcessTree()
    tree.add(Self.stat(5, parent: 6, (1, 0, 0, 0), pages: 1))
    tree.add(Self.stat(6, parent: 5, (1, 0, 0, 0), pages: 1))
    #expect(tree.usage(below: 5).processes <= 2)
  }

  @Test("a task that computes is told from one that sleeps, and one that has ended isn't told of")
  func measured() async throws {
    try await TestNode.with { node in
      let (busy, idle, ended) = (
        try shellTask("while :; do :; done", 1), try shellTask("sleep 1000 & sleep 1000 & wait", 2), try shellTask("true", 3)
      )
      for task in [busy, idle, ended] { try await node.controller(task).launch() }
      _ = try await node.controller(ended).wait()
      let all = [busy.id, idle.id, ended.id]
      var usages: [TaskID: TaskUsage] = [:]
      // For as long as the machine needs to give it a quarter of a second.
      while (usages[busy.id]?.cpuTime ?? .zero) < .milliseconds(250) || usages[idle.id]?.processes != 3 {
        usages = Dictionary(try await node.runtime.usage(of: all).map { ($0.task, $0) }) { first, _ in first }
        await Task.yield()
      }
      #expect(Set(usages.keys) == [busy.id, idle.id])
      #expect((usages[idle.id]?.cpuTime ?? .zero) < .milliseconds(200))
      #expect((usages[busy.id]?.memoryBytes ?? 0) > 100_000)
      #expect(usages[busy.id]?.processes == 1)
    }
  }
}
