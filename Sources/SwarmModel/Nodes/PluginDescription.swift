// SPDX-License-Identifier: Apache-2.0

/// A plugin that a node's engine offers.
public struct PluginDescription: Sendable, Hashable {
  /// The kind of plugin, for example `Volume` or `Network`.
  public var type: String
  /// The plugin's name.
  public var name: String
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    type: String = "",
    name: String = "",
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.type = type
    self.name = name
    self.unknownFields = unknownFields
  }
}
