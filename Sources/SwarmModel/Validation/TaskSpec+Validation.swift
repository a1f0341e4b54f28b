// SPDX-License-Identifier: Apache-2.0

extension TaskSpec {
  /// Checks the specification by itself.
  ///
  /// - Throws: `invalidArgument` with docker's sentence.
  public func validate() throws(SwarmError) {
    try self.resources?.validate()
    if let restart = self.restart {
      guard (restart.delay ?? .zero) >= .zero else { throw refuse("TaskSpec: restart-delay cannot be negative") }
      guard (restart.window ?? .zero) >= .zero else { throw refuse("TaskSpec: restart-window cannot be negative") }
    }
    for constraint in self.placement?.constraints ?? [] {
      _ = try PlacementConstraint(parsing: constraint)
    }
    switch self.runtime {
    case .container(let container): try container.validate()
    case .other: throw refuse("TaskSpec: missing runtime")
    }
  }
}

extension ResourceRequirements {
  func validate() throws(SwarmError) {
    try self.limits?.validate()
    try self.reservations?.validate()
    if let swappiness = self.memorySwappiness, !(-1...100).contains(swappiness) {
      throw refuse("invalid memory swappiness \(swappiness): must be between 0 and 100")
    }
  }
}

extension Resources {
  func validate() throws(SwarmError) {
    // Zero means "not given".
    if self.nanoCPUs != 0, self.nanoCPUs < 1_000_000 {
      throw refuse("invalid cpu value \(Self.cores(self.nanoCPUs)): Must be at least 0.001")
    }
    if self.memoryBytes != 0, self.memoryBytes < 4 * 1024 * 1024 {
      throw refuse("invalid memory value \(self.memoryBytes): Must be at least 4MiB")
    }
    for resource in self.generic {
      guard case .discrete(let kind, let value) = resource, value < 1 else { continue }
      throw refuse("invalid value \(value) of generic resource \(kind): Must be at least 1")
    }
  }

  /// A number without digits behind the point that say nothing: `-1`, not `-1.0`.
  private static func cores(_ nanoCPUs: Int64) -> String {
    nanoCPUs % 1_000_000_000 == 0 ? "\(nanoCPUs / 1_000_000_000)" : "\(Double(nanoCPUs) / 1_000_000_000)"
  }
}

extension ContainerSpec {
  func validate() throws(SwarmError) {
    guard !self.image.isEmpty else { throw refuse("ContainerSpec: image reference must be provided") }
    guard ImageReference.isValid(self.image) else {
      throw refuse("ContainerSpec: \"\(self.image)\" is not a valid repository/tag")
    }
    guard (self.stopGracePeriod ?? .zero) >= .zero else {
      throw refuse("ContainerSpec: stop-grace-period cannot be negative")
    }
    var mountPoints: Set<String> = []
    for mount in self.mounts {
      guard !mount.target.isEmpty else { throw refuse("ContainerSpec: mount target must be provided") }
      guard mountPoints.insert(mount.target).inserted else {
        throw refuse("ContainerSpec: duplicate mount point: \(mount.target)")
      }
    }
    try self.healthcheck?.validate()
    try self.validateFileTargets()
    try self.validatePlaceholders()
  }

  /// Refuses placeholders like `{{.Task.Slto}}` that no node could replace: every task would be rejected.
  private func validatePlaceholders() throws(SwarmError) {
    let mounts = self.mounts.flatMap { [$0.source, $0.target] }
    for (part, texts) in [("hostname", [self.hostname]), ("mounts", mounts), ("env", self.env)] {
      for text in texts {
        var rest = text[...]
        while let opening = rest.firstRange(of: "{{") {
          guard let closing = rest[opening.upperBound...].firstRange(of: "}}") else {
            throw refuse("expanding \(part) failed: unclosed placeholder in \"\(text)\"")
          }
          let words = rest[opening.upperBound..<closing.lowerBound].split(whereSeparator: \.isWhitespace)
          guard let word = words.first else {
            throw refuse("expanding \(part) failed: empty placeholder in \"\(text)\"")
          }
          // Functions of Go's templates are left to the nodes, for Docker Engines know them.
          if words.count == 1, word.hasPrefix("."), !TaskPlaceholder.mayMean(word) {
            throw refuse("expanding \(part) failed: unknown placeholder {{\(word)}} in \"\(text)\"")
          }
          rest = rest[closing.upperBound...]
        }
      }
    }
  }

  /// Refuses two secrets or two configs at the same place.
  private func validateFileTargets() throws(SwarmError) {
    var secrets: [String: String] = [:]
    for secret in self.secrets {
      guard let target = secret.file?.name else { continue }
      guard !secret.secretName.isEmpty, !target.isEmpty else { throw refuse("malformed secret reference") }
      if let other = secrets.updateValue(secret.secretName, forKey: target) {
        throw refuse(
          "secret references '\(other)' and '\(secret.secretName)' have a conflicting target: '\(target)'"
        )
      }
    }
    var configs: [String: String] = [:]
    for config in self.configs {
      guard let target = config.file?.name else { continue }
      guard !config.configName.isEmpty, !target.isEmpty else { throw refuse("malformed config reference") }
      if let other = configs.updateValue(config.configName, forKey: target) {
        throw refuse(
          "config references '\(other)' and '\(config.configName)' have a conflicting target: '\(target)'"
        )
      }
    }
  }
}

extension HealthConfig {
  func validate() throws(SwarmError) {
    for (name, duration) in [
      ("Interval", self.interval), ("Timeout", self.timeout), ("StartPeriod", self.startPeriod),
      ("StartInterval", self.startInterval),
    ] {
      guard let duration, duration != .zero else { continue }
      guard duration > .zero else { throw refuse("ContainerSpec: \(name) in HealthConfig cannot be negative") }
      guard duration >= .milliseconds(1) else { throw refuse("ContainerSpec: \(name) in HealthConfig cannot be less than 1ms") }
    }
    guard self.retries >= 0 else { throw refuse("ContainerSpec: Retries in HealthConfig cannot be negative") }
  }
}
