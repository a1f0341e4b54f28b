// SPDX-License-Identifier: Apache-2.0

/// How a runtime finds out whether a task is healthy.
public struct HealthConfig: Sendable, Hashable {
  /// The test: empty inherits, `["NONE"]` disables, `["CMD", …]` runs, `["CMD-SHELL", …]` runs in a shell.
  public var test: [String]
  /// Time between tests.
  public var interval: Duration?
  /// How long one test may take.
  public var timeout: Duration?
  /// How many tests in a row must fail before the task counts as unhealthy.
  public var retries: Int32
  /// How long after the start failures don't count.
  public var startPeriod: Duration?
  /// Time between tests during the start period.
  public var startInterval: Duration?
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    test: [String] = [],
    interval: Duration? = nil,
    timeout: Duration? = nil,
    retries: Int32 = 0,
    startPeriod: Duration? = nil,
    startInterval: Duration? = nil,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.test = test
    self.interval = interval
    self.timeout = timeout
    self.retries = retries
    self.startPeriod = startPeriod
    self.startInterval = startInterval
    self.unknownFields = unknownFields
  }
}
