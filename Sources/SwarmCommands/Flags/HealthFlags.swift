// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The flags `--health-…` of `service create` and `service update`.
struct HealthFlags: ParsableArguments {
  @Option(parsing: .unconditional, help: ArgumentHelp("The command that checks the health.", valueName: "command"))
  var healthCmd: String?

  @Option(parsing: .unconditional, help: "The time between checks.")
  var healthInterval: DurationValue?

  @Option(parsing: .unconditional, help: "How long one check may take.")
  var healthTimeout: DurationValue?

  @Option(parsing: .unconditional, help: "How long failures don't count after the start.")
  var healthStartPeriod: DurationValue?

  @Option(parsing: .unconditional, help: "The time between checks until then.")
  var healthStartInterval: DurationValue?

  @Option(parsing: .unconditional, help: "How many failures in a row make it unhealthy.")
  var healthRetries: CountValue?

  @Flag(inversion: .prefixedNo, help: "Check no health, whatever the image says.")
  var noHealthcheck: Bool?

  func apply(to template: inout Engine.TaskTemplate) throws(CommandFailure) {
    var container = template.containerSpec ?? Engine.ContainerSpec()
    var check = container.healthcheck ?? Engine.Healthcheck()
    if let healthCmd { check.test = healthCmd.isEmpty ? nil : ["CMD-SHELL", healthCmd] }
    if let healthInterval { check.interval = healthInterval.nanoseconds }
    if let healthTimeout { check.timeout = healthTimeout.nanoseconds }
    if let healthStartPeriod { check.startPeriod = healthStartPeriod.nanoseconds }
    if let healthStartInterval { check.startInterval = healthStartInterval.nanoseconds }
    if let healthRetries { check.retries = Int64(clamping: healthRetries.count) }
    if self.noHealthcheck == true {
      guard check == (container.healthcheck ?? Engine.Healthcheck()) else {
        throw CommandFailure("--no-healthcheck conflicts with --health-* options")
      }
      check = Engine.Healthcheck()
      check.test = ["NONE"]
    } else if check.test == ["NONE"], self.noHealthcheck == false || check != container.healthcheck {
      // Who says how health is checked wants it checked.
      check.test = nil
    }
    container.healthcheck = check == Engine.Healthcheck() ? nil : check
    template.containerSpec = container
  }
}
