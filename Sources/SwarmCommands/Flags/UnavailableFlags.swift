// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// Flags of docker's that are refused with a sentence until what they need is there.
struct UnavailableFlags: ParsableArguments {
  @Option(parsing: .unconditionalSingleValue, help: .hidden)
  var network: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: .hidden)
  var networkAdd: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: .hidden)
  var secret: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: .hidden)
  var secretAdd: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: .hidden)
  var config: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: .hidden)
  var configAdd: [String] = []

  @Flag(inversion: .prefixedNo, help: .hidden)
  var noResolveImage = false

  @Flag(inversion: .prefixedNo, help: .hidden)
  var withRegistryAuth = false

  func check() throws(CommandFailure) {
    let given = [
      ("--network", self.network + self.networkAdd, "networks of services are"),
      ("--secret", self.secret + self.secretAdd, "secrets of services are"),
      ("--config", self.config + self.configAdd, "configs of services are"),
    ]
    for (flag, values, subject) in given where !values.isEmpty {
      throw CommandFailure("\(flag): \(subject) not available yet in swift-swarm")
    }
  }
}
