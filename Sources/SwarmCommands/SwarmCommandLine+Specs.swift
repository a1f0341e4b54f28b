// SPDX-License-Identifier: Apache-2.0

package import EngineSchema

extension SwarmCommandLine {
  /// What `service create` with these arguments would ask for, without asking.
  package static func specToCreate(
    _ arguments: [String],
    environment: [String: String] = [:]
  ) throws -> Engine.ServiceSpec {
    guard let command = try self.parse(FlagNormalizer.normalize(["service", "create"] + arguments)) as? ServiceCreateCommand
    else {
      throw CommandFailure("not a service create command")
    }
    try command.check()
    return try command.spec(environment: environment)
  }

  /// What `service update` with these arguments would make of a specification, without asking.
  package static func specToUpdate(
    _ arguments: [String],
    from current: Engine.ServiceSpec,
    environment: [String: String] = [:]
  ) throws -> Engine.ServiceSpec {
    guard let command = try self.parse(FlagNormalizer.normalize(["service", "update"] + arguments)) as? ServiceUpdateCommand
    else {
      throw CommandFailure("not a service update command")
    }
    try command.check()
    return try command.applied(to: current, environment: environment)
  }
}
