// SPDX-License-Identifier: Apache-2.0

/// A file's content that tasks can use.
public struct Config: Sendable, Hashable {
  /// The config's id.
  public var id: ConfigID
  /// Version and times of the object.
  public var meta: Meta
  /// What the operator wants of the config.
  public var spec: ConfigSpec
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    id: ConfigID = ConfigID(),
    meta: Meta = Meta(),
    spec: ConfigSpec = ConfigSpec(),
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.id = id
    self.meta = meta
    self.spec = spec
    self.unknownFields = unknownFields
  }
}
