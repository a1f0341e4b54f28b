// SPDX-License-Identifier: Apache-2.0

internal import APIFuzzing
internal import EngineAPI
internal import Foundation
internal import Swarm
internal import SwarmModel

/// `api-fuzz [REQUESTS [SEED]]`: random and mutated requests to every route of the API, a million unless said otherwise.
///
/// Ends with exit code 1 when an answer was wrong, when a route was never reached, or when memory grew.
@main
enum APIFuzz {
  static func main() async throws {
    let numbers = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
    let requests = Int(numbers.first ?? 1_000_000)
    let seed = numbers.dropFirst().first ?? 1
    let isClean = try await FuzzedNode.with { responder, node in
      let fuzzer = APIFuzzer(responder)
      let start = ContinuousClock.now
      var early = 0
      // An answer that never comes would only be silence. A thread of its own runs even when all others wait for each other.
      Thread.detachNewThread {
        while true {
          Thread.sleep(forTimeInterval: 60)
          for request in fuzzer.unanswered(for: .seconds(60)) {
            FileHandle.standardError.write(Data("FINDING: no answer for a minute: \(request.method) \(request.target)\n".utf8))
          }
        }
      }
      // In ten parts, each from a seed of its own, so that memory can be looked at in between.
      for part in 0..<10 as Range<UInt64> {
        await fuzzer.run(requests: requests / 10, seed: seed &* 10 &+ part)
        let removed = await self.clear(node)
        let resident = self.residentMemory
        if part == 1 { early = resident }
        print(
          "\(fuzzer.report.requests) requests, \(removed) objects removed, \(resident >> 20) MiB, \(start.duration(to: .now))"
        )
      }
      return self.judge(fuzzer.report, routes: responder.patterns, growth: self.residentMemory - early)
    }
    exit(isClean ? 0 : 1)
  }

  /// Removes whatever the requests have created, so that only what nobody needs any more would be left; returns how much it was.
  ///
  /// What is in use by then, or no manager's to remove, stays.
  private static func clear(_ node: SwarmNode) async -> Int {
    let services = ((try? await node.services.list()) ?? []).map(\.id.description)
    let secrets = ((try? await node.secrets.list()) ?? []).map(\.id.description)
    let configs = ((try? await node.configs.list()) ?? []).map(\.id.description)
    let networks = ((try? await node.networks.list()) ?? []).filter { !$0.isPredefined }.map(\.id.description)
    // What services use goes after them.
    return await self.count(services, node.services.remove) + self.count(secrets, node.secrets.remove)
      + self.count(configs, node.configs.remove) + self.count(networks, node.networks.remove)
  }

  /// How many of these objects can be removed, and are.
  private static func count(_ references: [String], _ remove: (String) async throws -> Void) async -> Int {
    var removed = 0
    for reference in references where (try? await remove(reference)) != nil { removed += 1 }
    return removed
  }

  /// Says what came of it.
  private static func judge(_ report: FuzzReport, routes: [String], growth: Int) -> Bool {
    for route in routes.sorted() {
      let counts = (report.statuses[route] ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)×\($0.value)" }
      print("  \(route): \(counts.joined(separator: " "))")
    }
    let totals = report.totals.sorted { $0.key < $1.key }.map { "\($0.key)×\($0.value)" }.joined(separator: " ")
    print("statuses: \(totals)")
    print("slowest: \(report.slowest.duration) \(report.slowest.request)")
    print("memory: grew by \(growth >> 10) KiB since the second tenth")
    for finding in report.findings { print("FINDING: \(finding)") }
    let unreached = routes.filter { report.statuses[$0] == nil }
    if !unreached.isEmpty { print("never reached: \(unreached.joined(separator: ", "))") }
    return report.findings.isEmpty && unreached.isEmpty && growth < 8 << 20
  }

  /// Bytes of this process in memory.
  private static var residentMemory: Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
  }
}
