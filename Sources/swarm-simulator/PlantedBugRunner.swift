// SPDX-License-Identifier: Apache-2.0

#if PLANTED_BUGS
  internal import ArgumentParser
  internal import SwarmSimulator

  #if canImport(Glibc)
    internal import Glibc
  #elseif canImport(Musl)
    internal import Musl
  #else
    internal import Darwin
  #endif

  /// Wakes one planted bug after the other and measures how many seeds it takes to find it.
  struct PlantedBugRunner: Sendable {
    var jobs: Int

    /// Each bug gets as many chances, each with seeds of its own.
    private static let chances = 20
    /// A chance that takes more seeds is missed.
    private static let seedsPerChance: UInt64 = 2_000

    /// - Parameter scenario: Of all bugs only those that are looked for in this world.
    func run(_ which: String, scenario: String?) async throws {
      let bugs = PlantedBug.all.filter { bug in
        which == "all" ? bug.scenario.name == scenario ?? bug.scenario.name : String(bug.number) == which
      }
      guard !bugs.isEmpty else { throw ValidationError("there is no planted bug \(which)") }
      print("| bug | what | seeds to find: median | most | found by |")
      print("| --- | --- | --- | --- | --- |")
      var isEachFound = true
      for bug in bugs {
        PlantedBug.select(bug)
        let finds = await self.finds(bug.scenario)
        // The next line may take long.
        defer { fflush(nil) }
        PlantedBug.select(nil)
        let counts = finds.map(\.seeds).sorted()
        guard counts.count == Self.chances, let most = counts.last else {
          isEachFound = false
          print("| \(bug.number) | \(bug.summary) | found in \(counts.count) of \(Self.chances) tries | | |")
          continue
        }
        let invariants = Set(finds.map(\.invariant)).sorted().joined(separator: ", ")
        print("| \(bug.number) | \(bug.summary) | \(counts[counts.count / 2]) | \(most) | \(invariants) |")
      }
      if !isEachFound { throw ExitCode(1) }
    }

    /// Wakes one bug for the small world, which is one of Raft.
    static func plantInSmallWorld(_ which: String) throws {
      guard let bug = PlantedBug.all.first(where: { String($0.number) == which }) else {
        throw ValidationError("a small world takes the number of one planted bug, and \(which) is none")
      }
      guard bug.scenario.name == RaftScenario.everything.name else {
        throw ValidationError("planted bug \(which) is one of \(bug.scenario.name): no small world holds it")
      }
      PlantedBug.select(bug)
    }

    private typealias Find = (seeds: Int, invariant: String)

    /// How many seeds each chance took, without those that were missed.
    private func finds(_ scenario: any Scenario) async -> [Find] {
      await withTaskGroup(of: Find?.self, returning: [Find].self) { group in
        var finds: [Find] = []
        for chance in 0..<Self.chances {
          if chance >= self.jobs, let find = await group.next() ?? nil { finds.append(find) }
          group.addTask { Self.find(chance, scenario) }
        }
        for await find in group { if let find { finds.append(find) } }
        return finds
      }
    }

    private static func find(_ chance: Int, _ scenario: any Scenario) -> Find? {
      let first = 1_000_000 + UInt64(chance) * self.seedsPerChance
      for seed in first..<(first + self.seedsPerChance) {
        guard let violation = scenario.run(seed: seed, trace: nil).violation else { continue }
        return (Int(seed - first) + 1, String(violation.prefix { $0 != ":" }))
      }
      return nil
    }
  }
#endif
