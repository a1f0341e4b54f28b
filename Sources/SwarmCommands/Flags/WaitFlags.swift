// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// Whether and how loudly a command waits for a service.
struct WaitFlags: ParsableArguments {
  @Flag(name: .shortAndLong, inversion: .prefixedNo, help: "Don't wait until the service has converged.")
  var detach = false

  @Flag(name: .shortAndLong, inversion: .prefixedNo, help: "Don't show the progress.")
  var quiet = false

  func wait(for references: [String], in session: CommandSession) async throws {
    guard !self.detach else { return }
    for reference in references {
      try await ServiceWaiter(session: session, reference: reference, isQuiet: self.quiet).wait()
    }
  }
}
