// SPDX-License-Identifier: Apache-2.0

/// A volume that follows tasks between nodes.
public struct Volume: Sendable, Hashable {
  /// The volume's id.
  public var id: VolumeID
  /// Version and times of the object.
  public var meta: Meta
  /// What the operator wants of the volume.
  public var spec: VolumeSpec
  /// Whether the volume goes away once nothing uses it any more.
  public var pendingDelete: Bool
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    id: VolumeID = VolumeID(),
    meta: Meta = Meta(),
    spec: VolumeSpec = VolumeSpec(),
    pendingDelete: Bool = false,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.id = id
    self.meta = meta
    self.spec = spec
    self.pendingDelete = pendingDelete
    self.unknownFields = unknownFields
  }
}
