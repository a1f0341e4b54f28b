// SPDX-License-Identifier: Apache-2.0

internal import SwarmSimulator

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// One thread per processor.
let defaultJobs = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))

/// Runs seeds on several threads and says what came of them.
struct Runner: Sendable {
  var jobs: Int
  var minutes: Double?
  var isJSON: Bool
  var traces: Bool

  /// What came of many seeds.
  private struct Summary: Sendable {
    var seeds = 0
    var events = 0
    var simulated = Duration.zero
    var coverage: [String: Int] = [:]
    var failed: [SeedReport] = []
    var traceHash: UInt64 = 0
    var lastReport: SeedReport?

    mutating func add(_ report: SeedReport) {
      self.seeds += 1
      self.events += report.events
      self.simulated += report.simulated
      for (name, count) in report.coverage { self.coverage[name, default: 0] += count }
      // The order in which seeds end mustn't matter.
      self.traceHash ^= UInt64(report.traceHash, radix: 16) ?? 0
      self.lastReport = report
      guard report.violation != nil else { return }
      self.failed.append(report)
    }

    /// By seed.
    var failures: [SeedReport] { self.failed.sorted { $0.seed < $1.seed } }
  }

  /// Runs one scenario; false when something was wrong, or the runs were too easy.
  func run(_ scenario: any Scenario, seeds: ClosedRange<UInt64>) async -> Bool {
    let start = ContinuousClock.now
    let summary = await self.summarize(scenario, seeds: seeds, start: start)
    let wall = ContinuousClock.now - start
    // Fewer seeds can't be expected to see everything.
    let missing = scenario.counters.filter { summary.coverage[$0, default: 0] == 0 }
    let isCovered = missing.isEmpty || summary.seeds < 1_000
    let plan = summary.failures.first.flatMap { scenario.shrink(seed: $0.seed) }
    let isWell = summary.failed.isEmpty && isCovered
    if self.isJSON {
      print(json(scenario, summary, wall: wall, missing: missing, plan: plan))
    } else {
      self.report(scenario, summary, wall: wall, missing: missing, plan: plan)
    }
    return isWell
  }

  private func summarize(
    _ scenario: any Scenario,
    seeds: ClosedRange<UInt64>,
    start: ContinuousClock.Instant
  ) async -> Summary {
    if self.traces || seeds.count == 1 {
      var summary = Summary()
      summary.add(scenario.run(seed: seeds.lowerBound, trace: self.traces ? { print($0) } : nil))
      return summary
    }
    let end = self.minutes.map { start + .seconds($0 * 60) }
    let last = end == nil ? seeds.upperBound : .max
    return await withTaskGroup(of: SeedReport.self, returning: Summary.self) { group in
      var summary = Summary()
      var next = seeds.lowerBound
      func add() {
        guard next <= last, end.map({ ContinuousClock.now < $0 }) ?? true else { return }
        let seed = next
        next += 1
        group.addTask { scenario.run(seed: seed, trace: nil) }
      }
      for _ in 0..<self.jobs { add() }
      for await report in group {
        summary.add(report)
        add()
      }
      return summary
    }
  }

  // MARK: - Saying it

  private func report(
    _ scenario: any Scenario,
    _ summary: Summary,
    wall: Duration,
    missing: [String],
    plan: ShrunkPlan?
  ) {
    if let report = summary.lastReport, summary.seeds == 1 {
      print("\(scenario.name) seed \(report.seed): trace hash \(report.traceHash), \(report.violation ?? "every invariant held")")
    } else {
      print(
        "\(scenario.name): \(summary.seeds) seeds, \(summary.failed.count) failed; trace hash \(hexadecimal(summary.traceHash))"
      )
    }
    let rate = summary.simulated / wall
    print(
      "  \(rounded(summary.simulated / .seconds(1))) simulated s in \(rounded(wall / .seconds(1))) s "
        + "(\(rounded(rate)) times as fast as time), \(summary.events) events"
    )
    if summary.seeds > 1 {
      for name in scenario.counters { print("  \(name): \(summary.coverage[name, default: 0])") }
      if !missing.isEmpty { print("  never seen: \(missing.joined(separator: ", "))") }
    }
    for report in summary.failures.prefix(20) {
      print("FAILED: scenario \(scenario.name), seed \(report.seed): \(report.violation ?? "")")
    }
    guard let failure = summary.failures.first else { return }
    print("  replay: swarm-simulator --scenario \(scenario.name) --seed \(failure.seed) --trace")
    guard let plan else { return }
    print("  shortest plan found, \(plan.steps.count) of \(plan.originalCount) steps, with which: \(plan.violation)")
    for step in plan.steps { print("    \(step)") }
  }

  private func json(
    _ scenario: any Scenario,
    _ summary: Summary,
    wall: Duration,
    missing: [String],
    plan: ShrunkPlan?
  ) -> String {
    var fields = [
      "\"scenario\":\(quoted(scenario.name))", "\"seeds\":\(summary.seeds)", "\"failed\":\(summary.failed.count)",
      "\"traceHash\":\(quoted(hexadecimal(summary.traceHash)))", "\"events\":\(summary.events)",
      "\"simulatedSeconds\":\(summary.simulated / .seconds(1))", "\"wallSeconds\":\(wall / .seconds(1))",
      "\"neverSeen\":[\(missing.map(quoted).joined(separator: ","))]",
    ]
    let counters = scenario.counters.map { "\(quoted($0)):\(summary.coverage[$0, default: 0])" }
    fields.append("\"counters\":{\(counters.joined(separator: ","))}")
    if let failure = summary.failures.first {
      let steps = plan?.steps.map(quoted).joined(separator: ",") ?? ""
      fields.append(
        "\"failure\":{\"seed\":\(failure.seed),\"violation\":\(quoted(failure.violation ?? "")),\"plan\":[\(steps)]}"
      )
    }
    return "{\(fields.joined(separator: ","))}"
  }
}

private func hexadecimal(_ value: UInt64) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}

private func rounded(_ value: Double) -> String { String((value * 10).rounded() / 10) }

private func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\": result += "\\\(scalar)"
    case "\u{0}"..."\u{1F}":
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
