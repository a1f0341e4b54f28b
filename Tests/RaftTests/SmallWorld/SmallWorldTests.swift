// SPDX-License-Identifier: Apache-2.0

import Foundation
import Raft
import Testing

/// Every order in which things can happen to three members, as far as the limits go, with the real core.
///
/// What is small enough for a debug build is gone through to the end. `RAFT_SMALL_WORLD=1 swift test -c release --filter SmallWorld`
/// goes through larger ones too, up to four million states each, which takes minutes.
@Suite("Small world")
struct SmallWorldTests {
  struct Result {
    var states = 0
    var transitions = 0
    var leaders = 0
    var decided = 0
    var sawLastTerm = false
  }

  /// Depth first, so that only one path is in memory.
  ///
  /// Stops at the first violation, and tells the path to it.
  static func explore(_ limits: SmallWorld.Limits, atMost limit: Int = .max) throws -> Result {
    var result = Result()
    var seen: Set<Int> = []
    var path: [(world: SmallWorld, events: [SmallWorld.Event])] = []
    let start = try SmallWorld(limits)
    seen.insert(start.fingerprint)
    path.append((start, start.events))
    while let event = path.last?.events.last {
      path[path.count - 1].events.removeLast()
      let next = try path[path.count - 1].world.after(event)
      result.transitions += 1
      if let violation = next.violation {
        Issue.record("\(limits): \(violation), by \(path.count) events, the last of them \(event)")
        return result
      }
      if seen.insert(next.fingerprint).inserted {
        result.leaders = max(result.leaders, next.leaderCount)
        result.decided = max(result.decided, next.decidedCount)
        result.sawLastTerm = result.sawLastTerm || next.isFar
        guard seen.count < limit else { break }
        path.append((next, next.events))
      }
      while let last = path.last, last.events.isEmpty { path.removeLast() }
    }
    result.states = seen.count
    return result
  }

  @Test(
    "nothing goes wrong in any order",
    arguments: [
      SmallWorld.Limits(campaigns: 1, proposals: 1, crashes: 0, hasSlowDisks: true),
      SmallWorld.Limits(campaigns: 1, proposals: 0, crashes: 1, hasSlowDisks: true),
      SmallWorld.Limits(campaigns: 1, proposals: 1, crashes: 1, hasSlowDisks: false),
    ]
  )
  func exhaustive(limits: SmallWorld.Limits) throws {
    let result = try Self.explore(limits)
    #expect(result.sawLastTerm && result.leaders == limits.campaigns)
  }

  @Test("nor in the first many thousand states of two elections")
  func begun() throws {
    let result = try Self.explore(
      SmallWorld.Limits(campaigns: 2, proposals: 0, crashes: 0, hasSlowDisks: false),
      atMost: 50_000
    )
    #expect(result.sawLastTerm && result.leaders == 2)
  }

  @Test(
    "nor in larger ones",
    .enabled(if: ProcessInfo.processInfo.environment["RAFT_SMALL_WORLD"] != nil),
    arguments: [
      SmallWorld.Limits(campaigns: 1, proposals: 2, crashes: 0, hasSlowDisks: false),
      SmallWorld.Limits(campaigns: 2, proposals: 0, crashes: 0, hasSlowDisks: false),
      SmallWorld.Limits(campaigns: 2, proposals: 0, crashes: 1, hasSlowDisks: false),
      SmallWorld.Limits(campaigns: 2, proposals: 1, crashes: 1, hasSlowDisks: false),
    ]
  )
  func larger(limits: SmallWorld.Limits) throws {
    let result = try Self.explore(limits, atMost: 4_000_000)
    print("\(limits): \(result)")
    #expect(result.sawLastTerm && result.leaders == limits.campaigns)
  }
}
