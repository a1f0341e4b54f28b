// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import SwarmSimulator

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// Goes through small worlds to the end and says how large they were.
struct SmallWorldRunner {
  func run() throws {
    for limits in SmallWorldLimits.ladder {
      let start = ContinuousClock.now
      let report = SmallWorldExplorer(limits).explore()
      let wall = ContinuousClock.now - start
      print(
        "\(limits): \(report.states) states, \(report.steps) steps, \(report.memberStates) states of members, "
          + "\(report.messages) messages, \(((wall / .seconds(1)) * 10).rounded() / 10) s"
      )
      // The next line may take long.
      fflush(nil)
      if let violation = report.violation {
        print("FAILED: \(violation)")
        throw ExitCode(1)
      }
    }
  }
}
