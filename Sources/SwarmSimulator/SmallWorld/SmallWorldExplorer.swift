// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// Goes through every order in which things can happen to three members, with the real core.
public struct SmallWorldExplorer {
  private struct Place {
    var world: SmallWorld
    var cursor = 0
    var lastEvent: SmallWorld.Event?
  }

  private let limits: SmallWorldLimits

  /// Prepares to go through a world.
  public init(_ limits: SmallWorldLimits) { self.limits = limits }

  /// Goes through it, depth first, until everything was seen or something is wrong.
  ///
  /// - Parameter limit: how many states to look at; all of them by default.
  public func explore(atMost limit: Int = .max) -> SmallWorldReport {
    var report = SmallWorldReport()
    var catalogue = SmallMemberCatalogue()
    var seen = FingerprintSet()
    do throws(RaftError) {
      let start = try SmallWorld(self.limits, &catalogue)
      _ = seen.insert(start.fingerprint(catalogue))
      var path = [Place(world: start)]
      self.follow(&path, &catalogue, &seen, &report, limit)
    } catch {
      report.violation = "the group doesn't begin: \(error)"
    }
    report.states = seen.count
    report.memberStates = catalogue.states.count
    report.messages = catalogue.messages.count
    return report
  }

  private func follow(
    _ path: inout [Place],
    _ catalogue: inout SmallMemberCatalogue,
    _ seen: inout FingerprintSet,
    _ report: inout SmallWorldReport,
    _ limit: Int
  ) {
    while let last = path.indices.last {
      guard let event = path[last].world.nextEvent(&path[last].cursor, catalogue) else {
        path.removeLast()
        continue
      }
      path[last].lastEvent = event
      var next = path[last].world
      let result = next.perform(event, &catalogue)
      report.steps += 1
      if let violation = result.violation {
        report.violation = violation + path.compactMap(\.lastEvent).map { "\n  " + Self.words($0, catalogue) }.joined()
        return
      }
      guard result.isNew, seen.insert(next.fingerprint(catalogue)) else { continue }
      report.leaders = max(report.leaders, next.leaderCount)
      report.decided = max(report.decided, next.decidedCount)
      guard seen.count < limit else {
        report.isComplete = false
        return
      }
      path.append(Place(world: next))
    }
  }

  private static func words(_ event: SmallWorld.Event, _ catalogue: SmallMemberCatalogue) -> String {
    switch event {
    case .deliver(let number): "\(catalogue.messages[number])"
    case .other(let event, let member): "\(event) at \(member + 1)"
    }
  }
}
