// SPDX-License-Identifier: Apache-2.0

internal import SwarmAgent
internal import SwarmModel

/// A task's health check as commands and times, with Docker's defaults.
struct HealthCheck: Hashable, Sendable {
  /// The command of one test.
  let arguments: [String]
  /// Time between tests; default 30 s.
  let interval: Duration
  /// How long one test may take; default 30 s.
  let timeout: Duration
  /// How many tests in a row must fail; default 3.
  let retries: Int
  /// How long after the start failures don't count.
  let startPeriod: Duration
  /// Time between tests during the start period; default 5 s.
  let startInterval: Duration

  /// Reads a specification; `nil` when it asks for no check.
  ///
  /// - Throws: when the test is neither `CMD` nor `CMD-SHELL` with something behind it.
  init?(_ config: HealthConfig?) throws(RuntimeError) {
    guard let config, let kind = config.test.first, kind != "NONE" else { return nil }
    switch (kind, config.test.count) {
    case ("CMD", 2...): self.arguments = Array(config.test.dropFirst())
    case ("CMD-SHELL", 2): self.arguments = ["/bin/sh", "-c", config.test[1]]
    default:
      throw RuntimeError(
        code: .invalidArgument,
        message: "the health check has to be CMD with a command, CMD-SHELL with a line, or NONE"
      )
    }
    func given(_ duration: Duration?) -> Duration? { duration.flatMap { $0 > .zero ? $0 : nil } }
    self.interval = given(config.interval) ?? .seconds(30)
    self.timeout = given(config.timeout) ?? .seconds(30)
    self.retries = config.retries > 0 ? Int(config.retries) : 3
    self.startPeriod = config.startPeriod ?? .zero
    self.startInterval = given(config.startInterval) ?? .seconds(5)
  }
}

/// How healthy a task is, decided from the results of its tests and nothing else.
struct HealthState: Hashable, Sendable {
  private let check: HealthCheck
  /// Whether a test has succeeded.
  private(set) var isHealthy: Bool
  private var failures = 0

  /// - Parameter isHealthy: Whether the task was seen healthy before.
  init(_ check: HealthCheck, isHealthy: Bool) {
    self.check = check
    self.isHealthy = isHealthy
  }

  /// Takes the result of a test.
  ///
  /// - Parameters:
  ///   - failure: What was wrong; `nil` when the test succeeded.
  ///   - age: How long ago the task was started.
  /// - Returns: Why the task is unhealthy, when it is.
  mutating func tested(_ failure: String?, age: Duration) -> String? {
    guard let failure else {
      self.isHealthy = true
      self.failures = 0
      return nil
    }
    // Until it was healthy for the first time it may take the start period.
    guard self.isHealthy || age >= self.check.startPeriod else { return nil }
    self.failures += 1
    guard self.failures >= self.check.retries else { return nil }
    return "unhealthy: \(self.failures) health checks in a row failed, the last one with \(failure)"
  }

  /// Time until the next test.
  func pause(age: Duration) -> Duration {
    self.isHealthy || age >= self.check.startPeriod ? self.check.interval : self.check.startInterval
  }
}
