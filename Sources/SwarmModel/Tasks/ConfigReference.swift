// SPDX-License-Identifier: Apache-2.0

/// A config that a task uses.
public struct ConfigReference: Sendable, Hashable {
  /// The config.
  public var configID: ConfigID
  /// The config's name when the reference was made.
  public var configName: String
  /// Where the config appears inside the task.
  public var file: FileTarget?
  /// Present when the runtime itself reads the config.
  public var runtime: RuntimeTarget?
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    configID: ConfigID = ConfigID(),
    configName: String = "",
    file: FileTarget? = nil,
    runtime: RuntimeTarget? = nil,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.configID = configID
    self.configName = configName
    self.file = file
    self.runtime = runtime
    self.unknownFields = unknownFields
  }

  /// Marks a config that the runtime itself reads.
  public struct RuntimeTarget: Sendable, Hashable {
    /// Fields that this version does not know; they are written back unchanged.
    public var unknownFields: UnknownFields

    /// Creates a value; what is left out has the default value.
    public init(
      unknownFields: UnknownFields = UnknownFields()
    ) {
      self.unknownFields = unknownFields
    }
  }
}
