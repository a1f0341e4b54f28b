// SPDX-License-Identifier: Apache-2.0

/// The software that runs a node's tasks.
public struct EngineDescription: Sendable, Hashable {
  /// The engine's version.
  public var engineVersion: String
  /// Labels that the engine was started with; constraints read them as `engine.labels.…`.
  public var labels: [String: String]
  /// The plugins that the engine offers.
  public var plugins: [PluginDescription]
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    engineVersion: String = "",
    labels: [String: String] = [:],
    plugins: [PluginDescription] = [],
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.engineVersion = engineVersion
    self.labels = labels
    self.plugins = plugins
    self.unknownFields = unknownFields
  }
}
