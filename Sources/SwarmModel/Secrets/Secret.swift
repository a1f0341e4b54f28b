// SPDX-License-Identifier: Apache-2.0

/// Data that only nodes running a task that uses it get to see.
public struct Secret: Sendable, Hashable {
  /// The secret's id.
  public var id: SecretID
  /// Version and times of the object.
  public var meta: Meta
  /// What the operator wants of the secret.
  public var spec: SecretSpec
  /// Whether the secret belongs to the cluster itself and isn't listed.
  public var `internal`: Bool
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    id: SecretID = SecretID(),
    meta: Meta = Meta(),
    spec: SecretSpec = SecretSpec(),
    `internal`: Bool = false,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.id = id
    self.meta = meta
    self.spec = spec
    self.internal = `internal`
    self.unknownFields = unknownFields
  }
}
