// SPDX-License-Identifier: Apache-2.0

import Foundation
import SwarmSimulator
import TestTraits
import Testing

/// Every process of Swift hashes by a seed of its own, so that sets and dictionaries have other orders in each.
@Suite("Processes with hash seeds of their own", .longComputation)
struct HashSeedTests {
  @Test("write the same log and come to the same state, byte for byte")
  func threeMembers() throws {
    let seed: UInt64 = 5
    let here = OrchestrationScenario.everything.run(seed: seed, trace: nil)
    for _ in 0..<3 {
      let said = try Self.run(["--scenario", "orchestration", "--seed", String(seed), "--json"])
      #expect(said.contains("\"traceHash\":\"\(here.traceHash)\""), "\(said)")
    }
  }

  /// Runs the simulator in a process of its own.
  private static func run(_ arguments: [String]) throws -> String {
    // Where the tests are, there are the executables that they depend on.
    var folder = Bundle.main.executableURL?.deletingLastPathComponent()
    for argument in CommandLine.arguments where argument.hasSuffix(".xctest") {
      folder = URL(filePath: argument).deletingLastPathComponent()
    }
    let process = Process()
    process.executableURL = try #require(folder).appending(path: "swarm-simulator")
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.filter { $0.key != "SWIFT_DETERMINISTIC_HASHING" }
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let said = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: said, as: UTF8.self)
  }
}
